-- %p would be an address.
-- expect: E_LUA_RUNTIME
function run(item)
    return ("%p"):format({})
end

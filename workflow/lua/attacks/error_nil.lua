-- An error that is nothing.
-- expect: E_LUA_RUNTIME
function run(item)
    error()
end

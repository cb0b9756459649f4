-- An error that is no text.
-- expect: E_LUA_RUNTIME
function run(item)
    error({code = 1})
end

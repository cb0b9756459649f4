-- %b from each place of a long text.
-- expect: E_LUA_RUNTIME
function run(item)
    return ("("):rep(65536):find("%b()")
end

-- Recursion in the matcher.
-- expect: E_LUA_RUNTIME
function run(item)
    return ("x"):rep(1000):find(("(x)"):rep(31) .. ("x?"):rep(250))
end

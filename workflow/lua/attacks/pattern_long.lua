-- A pattern longer than a kilobyte.
-- expect: E_LUA_RUNTIME
function run(item)
    return ("x"):find(("x?"):rep(1000))
end

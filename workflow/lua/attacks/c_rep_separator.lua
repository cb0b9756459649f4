-- The separator counts too.
-- expect: E_LUA_RUNTIME
function run(item)
    return ("").rep("", 1 << 20, ("x"):rep(1000))
end

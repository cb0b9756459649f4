-- A text of a terabyte.
-- expect: E_LUA_RUNTIME
function run(item)
    return ("x"):rep(1 << 40)
end

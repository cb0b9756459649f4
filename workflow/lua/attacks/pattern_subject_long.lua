-- A subject longer than a megabyte.
-- expect: E_LUA_RUNTIME
function run(item)
    return ((("x"):rep(1 << 20) .. "x"):find("y."))
end

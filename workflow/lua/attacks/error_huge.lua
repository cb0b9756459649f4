-- The text of an error is cut.
-- expect: E_LUA_RUNTIME
function run(item)
    error(("x"):rep(1 << 20))
end

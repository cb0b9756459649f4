-- More than a megabyte.
-- expect: E_LUA_RESULT
function run(item)
    return ("x"):rep(1 << 20) .. "x"
end

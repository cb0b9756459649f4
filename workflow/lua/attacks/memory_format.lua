-- A wide format.
-- expect: E_LUA_RUNTIME
function run(item)
    return ("%999999999d"):format(1)
end

-- Nor is infinity.
-- expect: E_LUA_RESULT
function run(item)
    return {x = math.huge}
end

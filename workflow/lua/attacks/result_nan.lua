-- NaN is no JSON.
-- expect: E_LUA_RESULT
function run(item)
    return 0 / 0
end

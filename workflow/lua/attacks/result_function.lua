-- A function is no result.
-- expect: E_LUA_RESULT
function run(item)
    return {f = run}
end

-- A library is no result.
-- expect: E_LUA_RESULT
function run(item)
    return {string}
end

-- A list with names.
-- expect: E_LUA_RESULT
function run(item)
    return {1, 2, name = "x"}
end

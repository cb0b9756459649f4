-- A list with holes.
-- expect: E_LUA_RESULT
function run(item)
    return {1, nil, 3}
end

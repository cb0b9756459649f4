-- A for loop of 2^63 turns.
-- expect: E_LUA_TIME
function run(item)
    for _ = 1, math.maxinteger do end
end

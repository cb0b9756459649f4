-- A for loop that never reaches its end.
-- expect: E_LUA_TIME
function run(item)
    for x = 1.0, 2.0, 1e-300 do end
end

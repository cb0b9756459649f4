-- Millions of keys.
-- expect: E_LUA_MEMORY E_LUA_TIME
function run(item)
    local t = {}
    for i = 1, 1e8 do t["k" .. i] = true end
end

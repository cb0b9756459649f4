-- One table that grows.
-- expect: E_LUA_MEMORY
function run(item)
    local t = {}
    for i = 1, 1e8 do t[i] = i end
end

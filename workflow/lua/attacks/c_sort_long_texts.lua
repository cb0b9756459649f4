-- Comparing megabytes, thousands of times.
-- expect: E_LUA_TIME E_LUA_MEMORY
function run(item)
    local t, s = {}, ("x"):rep(1 << 20)
    for i = 1, 20 do t[i] = s .. i end
    while true do table.sort(t) end
end

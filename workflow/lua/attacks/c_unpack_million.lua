-- unpack of as many values as the stack may hold, again and again.
-- expect: E_LUA_TIME E_LUA_RUNTIME E_LUA_MEMORY
function run(item)
    local t = {}
    for i = 1, 900000 do t[i] = i end
    while true do select("#", table.unpack(t)) end
end

-- A call with more arguments than the stack holds.
-- expect: E_LUA_RUNTIME E_LUA_MEMORY
function run(item)
    local t = {}
    for i = 1, 999990 do t[i] = 1 end
    return (function(...) return select("#", ...) + select("#", table.unpack(t)) end)(table.unpack(t))
end

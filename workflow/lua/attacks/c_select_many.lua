-- select over a long list of arguments: quadratic.
-- expect: E_LUA_TIME E_LUA_RUNTIME E_LUA_MEMORY
function run(item)
    local t = {}
    for i = 1, 200000 do t[i] = i end
    local function f(...)
        for i = 1, select("#", ...) do local _ = select(i, ...) end
    end
    f(table.unpack(t))
end

-- A refused allocation once freed a table that was still in use (Lua 5.4.4).
-- expect: E_LUA_RUNTIME E_LUA_MEMORY
function run(item)
    local keep = {}
    for i = 1, 6 do keep[i] = ("x"):rep(1 << 20) end
    local size = 6 << 20
    while size < 31 << 20 do
        keep[#keep + 1] = ("y"):rep(40000) .. size
        size = size + 40000
    end
    local mt = {__newindex = {}}
    local t = setmetatable({}, mt)
    rawset(mt, "__mode", "v")
    for i = 1, 20000 do t[i] = 1 end
    while true do keep[#keep + 1] = {} end
end

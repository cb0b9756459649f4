-- A table does not become weak afterwards.
-- expect: ok 1
function run(item)
    local mt = {}
    local t = setmetatable({}, mt)
    mt.__mode = "kv"
    rawset(mt, "__mode", "kv")
    t[1] = {}
    for i = 1, 300000 do local _ = {i} end
    local n = 0
    for _ in pairs(t) do n = n + 1 end
    return n
end

-- A finalizer added afterwards never runs.
-- expect: ok "alive"
function run(item)
    local mt = {}
    local t = setmetatable({}, mt)
    mt.__gc = function() while true do end end
    t = nil
    for i = 1, 100000 do local _ = {i} end
    return "alive"
end

-- Nor one that comes from the __index of a metatable.
-- expect: ok "alive"
function run(item)
    local mt = setmetatable({}, {__index = function() return function() while true do end end end})
    local t = setmetatable({}, mt)
    t = nil
    for i = 1, 100000 do local _ = {i} end
    return "alive"
end

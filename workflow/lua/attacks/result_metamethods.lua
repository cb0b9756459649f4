-- Metamethods of a result are not called.
-- expect: ok {"a":1}
function run(item)
    local function forever() while true do end end
    return setmetatable({a = 1}, {__index = forever, __pairs = forever, __len = forever})
end

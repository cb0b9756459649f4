-- A __close added afterwards does not make a value closable.
-- expect: E_LUA_RUNTIME
function run(item)
    local mt = {}
    local value = setmetatable({}, mt)
    mt.__close = function() while true do end end
    do local x <close> = value end
    return "ended"
end

-- A finalizer that never ends (hooks are off while one runs).
-- expect: E_LUA_RUNTIME
function run(item)
    setmetatable({}, {__gc = function() while true do end end})
    for i = 1, 1e6 do local _ = {} end
end

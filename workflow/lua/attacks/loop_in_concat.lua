-- The same below an operator.
-- expect: E_LUA_TIME
function run(item)
    return "a" .. setmetatable({}, {__concat = function() while true do end end})
end

-- __index that asks for itself.
-- expect: E_LUA_TIME E_LUA_RUNTIME
function run(item)
    local t = setmetatable({}, {__index = function(t, k) return t[k + 1] end})
    while true do pcall(function() return t[1] end) end
end

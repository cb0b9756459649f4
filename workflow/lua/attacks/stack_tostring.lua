-- tostring that asks for its own text.
-- expect: E_LUA_RUNTIME
function run(item)
    local t
    t = setmetatable({}, {__tostring = function() return tostring(t) end})
    return tostring(t)
end

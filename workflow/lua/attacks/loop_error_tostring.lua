-- An error object that never becomes text.
-- expect: E_LUA_RUNTIME
function run(item)
    error(setmetatable({}, {__tostring = function() while true do end end}))
end

-- The same below tostring, from signalbox.log.
-- expect: E_LUA_TIME
function run(item)
    signalbox.log(setmetatable({}, {__tostring = function() while true do end end}))
end

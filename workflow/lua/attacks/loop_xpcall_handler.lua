-- A message handler that never ends.
-- expect: E_LUA_TIME
function run(item)
    while true do
        xpcall(function() error("x") end, function() while true do end end)
    end
end

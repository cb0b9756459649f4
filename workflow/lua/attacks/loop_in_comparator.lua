-- A comparison that never ends, below a C function.
-- expect: E_LUA_TIME
function run(item)
    table.sort({3, 2, 1}, function() while true do end end)
end

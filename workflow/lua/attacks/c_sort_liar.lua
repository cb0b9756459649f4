-- A comparison that always says yes.
-- expect: ok 1000
function run(item)
    local t = {}
    for i = 1, 1000 do t[i] = i end
    table.sort(t, function() return true end)
    return #t
end

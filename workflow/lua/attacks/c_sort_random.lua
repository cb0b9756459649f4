-- A comparison that changes its mind.
-- expect: ok 2000
function run(item)
    local t = {}
    for i = 1, 2000 do t[i] = i end
    table.sort(t, function() return signalbox.random() < 0.5 end)
    return #t
end

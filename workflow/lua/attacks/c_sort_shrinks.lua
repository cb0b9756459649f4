-- A comparison that empties the list while it is sorted.
-- expect: ok 500
function run(item)
    local t = {}
    for i = 1, 500 do t[i] = 500 - i end
    table.sort(t, function(x, y)
        t[1] = nil
        return x < y
    end)
    local n = 0
    for _ in pairs(t) do n = n + 1 end
    return n
end

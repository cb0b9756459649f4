-- Small helpers for lists: local list = signalbox.use("list")
-- What comes back is marked as a list, so that an empty one leaves the script as [] and not as {}.
local list = {}

-- list.map({1, 2}, function(x) return x * 2 end) → {2, 4}
function list.map(values, change)
    local out = {}
    for i = 1, #values do out[i] = change(values[i], i) end
    return signalbox.list(out)
end

-- Those for which `is_wanted` is true, in order.
function list.filter(values, is_wanted)
    local out = {}
    for i = 1, #values do
        if is_wanted(values[i], i) then out[#out + 1] = values[i] end
    end
    return signalbox.list(out)
end

-- list.group({{k = "a"}, {k = "b"}, {k = "a"}}, "k") → {a = {…, …}, b = {…}}
function list.group(values, key)
    local groups = {}
    for _, value in ipairs(values) do
        local name = tostring(value[key])
        groups[name] = groups[name] or signalbox.list()
        table.insert(groups[name], value)
    end
    return groups
end

-- list.sum({{n = 1}, {n = 2}}, "n") → 3; without a key the values themselves
function list.sum(values, key)
    local total = 0
    for _, value in ipairs(values) do total = total + (key and value[key] or value) end
    return total
end

-- The keys of a table, sorted: pairs() has no fixed order.
function list.keys(values)
    local keys = {}
    for key in pairs(values) do keys[#keys + 1] = key end
    table.sort(keys)
    return signalbox.list(keys)
end

return list

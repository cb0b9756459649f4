-- The libraries cannot be changed.
-- expect: ok 6
function run(item)
    local n = 0
    for _, try in ipairs({
        function() string.rep = nil end,
        function() rawset(string, "rep", 1) end,
        function() setmetatable(math, {}) end,
        function() table.insert(table, 1) end,
        function() signalbox.json.encode = nil end,
        function() next(string) end,
    }) do
        if not pcall(try) then n = n + 1 end
    end
    return n
end

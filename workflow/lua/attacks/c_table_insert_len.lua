-- table.insert asks the table, not __len.
-- expect: ok 1
function run(item)
    local t = setmetatable({}, {__len = function() return 1 << 50 end})
    table.insert(t, 1)
    return rawlen(t)
end

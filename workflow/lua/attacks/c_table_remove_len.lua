-- table.remove the same.
-- expect: ok null
function run(item)
    return table.remove(setmetatable({}, {__len = function() return 1 << 50 end}))
end

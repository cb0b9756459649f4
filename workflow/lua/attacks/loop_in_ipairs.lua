-- ipairs over a table that has every index.
-- expect: E_LUA_TIME
function run(item)
    for _ in ipairs(setmetatable({}, {__index = function() return 1 end})) do end
end

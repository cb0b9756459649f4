-- An iterator that always has one more.
-- expect: E_LUA_TIME
function run(item)
    for _ in pairs(setmetatable({}, {__pairs = function() return function() return 1 end end})) do end
end

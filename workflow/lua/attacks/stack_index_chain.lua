-- __index through a hundred thousand tables.
-- expect: E_LUA_RUNTIME E_LUA_TIME
function run(item)
    local t = {}
    for _ = 1, 100000 do t = setmetatable({}, {__index = t}) end
    return t.x
end

-- Many directives.
-- expect: E_LUA_RUNTIME
function run(item)
    local t = {}
    for i = 1, 65 do t[i] = i end
    return ("%99d"):rep(65):format(table.unpack(t))
end

-- json.encode of a cycle.
-- expect: E_LUA_RUNTIME
function run(item)
    local t = {}
    t[1] = t
    return signalbox.json.encode(t)
end

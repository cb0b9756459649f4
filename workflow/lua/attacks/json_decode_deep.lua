-- JSON nested a hundred thousand times.
-- expect: E_LUA_RUNTIME
function run(item)
    return signalbox.json.decode(("["):rep(100000))
end

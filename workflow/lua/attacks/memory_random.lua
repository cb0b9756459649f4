-- Random numbers beyond the interval.
-- expect: E_LUA_RUNTIME
function run(item)
    return signalbox.random(2, 1)
end

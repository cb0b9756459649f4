-- The coroutines that once overran the C stack are not there.
-- expect: E_LUA_RUNTIME
function run(item)
    local previous = false
    for _ = 1, 20000 do
        local before = previous
        previous = coroutine.create(function() if before then coroutine.close(before) end end)
    end
    coroutine.close(previous)
end

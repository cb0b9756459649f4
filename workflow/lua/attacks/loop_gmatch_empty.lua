-- An iterator over nothing, restarted for ever.
-- expect: E_LUA_TIME
function run(item)
    while true do for _ in (""):gmatch("()") do end end
end

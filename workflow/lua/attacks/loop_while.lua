-- The plainest overrun.
-- expect: E_LUA_TIME
function run(item)
    while true do end
end

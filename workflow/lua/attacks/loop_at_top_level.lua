-- The time counts from the first line, not from run.
-- expect: E_LUA_TIME
while true do end
function run() end

-- The limit of a pattern may be caught, but its steps are paid for.
-- expect: E_LUA_TIME
function run(item)
    local s = ("x"):rep(16384)
    while true do pcall(string.find, s, ".-b") end
end

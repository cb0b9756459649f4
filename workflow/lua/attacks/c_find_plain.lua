-- Plain search through a long text.
-- expect: E_LUA_TIME
function run(item)
    local s = ("x"):rep(1 << 20)
    while true do s:find("y", 1, true) end
end

-- tonumber of a long text.
-- expect: E_LUA_TIME
function run(item)
    local s = (" "):rep(1 << 20)
    while true do tonumber(s) end
end

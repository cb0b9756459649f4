-- utf8.len of a long text.
-- expect: E_LUA_TIME
function run(item)
    local s = ("x"):rep(1 << 20)
    while true do utf8.len(s) end
end

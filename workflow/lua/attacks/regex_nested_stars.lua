-- RE2 on a pattern that takes others exponential time, again and again on a long text: it is charged for.
-- expect: E_LUA_TIME
function run(item)
    local text = ("a"):rep(1000000)
    while true do signalbox.regex.test(text, "^(a+)+$b") end
end

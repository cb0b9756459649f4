-- Long texts made and dropped.
-- expect: E_LUA_TIME
function run(item)
    local s = ("x"):rep(1 << 20)
    while true do s = s:upper():lower():reverse() end
end

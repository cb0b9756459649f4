-- Many long texts into one.
-- expect: E_LUA_RUNTIME
function run(item)
    local t, s = {}, ("x"):rep(1 << 16)
    for i = 1, 10000 do t[i] = s end
    return #table.concat(t)
end

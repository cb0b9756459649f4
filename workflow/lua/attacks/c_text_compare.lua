-- Equality of long texts takes long in one instruction.
-- expect: E_LUA_TIME
function run(item)
    local a = ("x"):rep(1 << 20)
    a = a .. a .. a .. a
    local b, n = a:sub(1, -2) .. "x", 0
    while a == b do n = n + 1 end
end

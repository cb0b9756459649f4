-- Shared tables that would be written 2^30 times.
-- expect: E_LUA_RESULT E_LUA_TIME
function run(item)
    local t = {"xxxxxxxxxxxxxxxx"}
    for _ = 1, 30 do t = {t, t} end
    return t
end

-- A table nested a thousand times.
-- expect: E_LUA_RESULT
function run(item)
    local t = {}
    for _ = 1, 1000 do t = {t} end
    return t
end

-- Asking for the text of a million tables.
-- expect: E_LUA_TIME E_LUA_MEMORY
function run(item)
    for _ = 1, 1e7 do local _ = tostring({}) end
end

-- A table that contains itself.
-- expect: E_LUA_RESULT
function run(item)
    local t = {}
    t.t = t
    return t
end

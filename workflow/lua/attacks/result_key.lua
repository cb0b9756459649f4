-- A key that is no text.
-- expect: E_LUA_RESULT
function run(item)
    return {[true] = 1}
end

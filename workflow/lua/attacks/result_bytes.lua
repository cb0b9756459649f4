-- Bytes that are no text.
-- expect: E_LUA_RESULT
function run(item)
    return "\xff"
end

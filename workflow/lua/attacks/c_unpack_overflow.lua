-- unpack whose count overflows.
-- expect: E_LUA_RUNTIME
function run(item)
    return table.unpack({}, math.mininteger, math.maxinteger)
end

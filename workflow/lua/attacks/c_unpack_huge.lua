-- unpack of 2^53 values.
-- expect: E_LUA_RUNTIME
function run(item)
    return table.unpack({}, 1, 1 << 53)
end

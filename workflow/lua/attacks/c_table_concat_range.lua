-- table.concat over a range of 2^60.
-- expect: E_LUA_RUNTIME
function run(item)
    return table.concat({}, "", 1, 1 << 60)
end

-- table.move over 2^40 elements that are not there.
-- expect: E_LUA_RUNTIME
function run(item)
    return table.move({}, 1, 1 << 40, 2)
end

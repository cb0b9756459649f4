-- table.move whose difference overflows.
-- expect: E_LUA_RUNTIME
function run(item)
    return table.move({}, math.mininteger, math.maxinteger, 1)
end

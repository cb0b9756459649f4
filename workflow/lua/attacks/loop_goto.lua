-- A loop without a loop statement.
-- expect: E_LUA_TIME
function run(item)
    ::again:: goto again
end

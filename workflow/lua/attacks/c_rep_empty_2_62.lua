-- string.rep of nothing, 2^62 times: a loop no hook can stop.
-- expect: E_LUA_RUNTIME
function run(item)
    return ("").rep("", 1 << 62)
end

-- More than a megabyte once it is escaped.
-- expect: E_LUA_RESULT
function run(item)
    return ("\1"):rep(1 << 20)
end

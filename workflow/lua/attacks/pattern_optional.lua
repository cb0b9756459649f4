-- Optional items, each tried both ways.
-- expect: E_LUA_RUNTIME
function run(item)
    return ("a"):rep(60):find(("a?"):rep(60) .. ("a"):rep(60) .. "b")
end

-- Stacked lazy repeats.
-- expect: E_LUA_RUNTIME
function run(item)
    return ("x"):rep(300):find(("x-"):rep(4) .. "b")
end

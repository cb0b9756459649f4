-- Stacked greedy repeats.
-- expect: E_LUA_RUNTIME
function run(item)
    return ("a"):rep(5000):find(("a*"):rep(10) .. "b")
end

-- Back references, compared at each step.
-- expect: E_LUA_RUNTIME
function run(item)
    return ("ab"):rep(20000):find("(.+)%1c")
end

-- Quadratic on sixteen kilobytes.
-- expect: E_LUA_RUNTIME
function run(item)
    return ("x"):rep(16384):find(".-b")
end

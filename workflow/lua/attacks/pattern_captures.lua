-- Two captures over a long text.
-- expect: E_LUA_RUNTIME
function run(item)
    return ("y"):rep(16384):find("(.-)x(.-)y")
end

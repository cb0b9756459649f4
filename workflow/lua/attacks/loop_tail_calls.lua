-- Tail calls need no stack and no loop.
-- expect: E_LUA_TIME
function run(item)
    local function f() return f() end
    return f()
end

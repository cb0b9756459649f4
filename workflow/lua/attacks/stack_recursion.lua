-- Recursion without an end.
-- expect: E_LUA_RUNTIME E_LUA_MEMORY
function run(item)
    local function f() return 1 + f() end
    return f()
end

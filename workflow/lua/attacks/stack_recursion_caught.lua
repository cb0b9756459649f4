-- The same, caught each time.
-- expect: E_LUA_TIME E_LUA_MEMORY
function run(item)
    local function f()
        pcall(f)
        f()
    end
    while true do pcall(f) end
end

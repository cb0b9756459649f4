-- gsub that doubles its text each time.
-- expect: E_LUA_RUNTIME E_LUA_MEMORY
function run(item)
    local s = "x"
    while true do s = s:gsub(".", "%0%0") end
end

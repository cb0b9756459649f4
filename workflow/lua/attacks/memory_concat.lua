-- A text doubled until nothing is left.
-- expect: E_LUA_MEMORY
function run(item)
    local s = "x"
    while true do s = s .. s end
end

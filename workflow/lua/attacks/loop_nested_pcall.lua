-- The same through many levels.
-- expect: E_LUA_TIME
function run(item)
    local function again(f) return function() while true do pcall(f) end end end
    local f = function() while true do end end
    for _ = 1, 50 do f = again(f) end
    f()
end

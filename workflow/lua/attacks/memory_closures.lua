-- Closures that hold each other.
-- expect: E_LUA_MEMORY
function run(item)
    local f
    while true do
        local g = f
        f = function() return g end
    end
end

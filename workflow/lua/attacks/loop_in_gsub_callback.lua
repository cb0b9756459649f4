-- The same below gsub.
-- expect: E_LUA_TIME
function run(item)
    return (("x"):gsub("x", function() while true do end end))
end

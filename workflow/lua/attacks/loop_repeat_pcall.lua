-- A time limit is no error that pcall could catch.
-- expect: E_LUA_TIME
function run(item)
    while true do pcall(function() while true do end end) end
end

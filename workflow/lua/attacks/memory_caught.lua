-- Running out of memory is no error that pcall could catch.
-- expect: E_LUA_MEMORY
function run(item)
    while true do
        pcall(function()
            local s = "x"
            while true do s = s .. s end
        end)
    end
end

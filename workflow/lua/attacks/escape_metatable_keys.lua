-- The dangerous metamethods are refused.
-- expect: ok 4
function run(item)
    local n = 0
    for _, key in ipairs({"__gc", "__mode", "__close", "__metatable"}) do
        if not pcall(setmetatable, {}, {[key] = function() end}) then n = n + 1 end
    end
    return n
end

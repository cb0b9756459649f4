-- Broken patterns are errors, not reads beyond the end.
-- expect: ok 9
function run(item)
    local n = 0
    for _, p in ipairs({"%", "[", "[^", "[%", "(", "%1", "%f", "%b", "[a-"}) do
        if not pcall(string.find, "some text", p) then n = n + 1 end
    end
    return n
end

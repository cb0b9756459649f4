-- Broken JSON of all kinds.
-- expect: ok 11
function run(item)
    local n = 0
    for _, text in ipairs({"", "{", "[1,", "{\"a\"", "nul", "01", "1e", "\"\\u12\"", "\"\\ud800\"", "[1]x", "1e999"}) do
        if not pcall(signalbox.json.decode, text) then n = n + 1 end
    end
    return n
end

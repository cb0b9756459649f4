-- Integer overflow in sub, byte and find.
-- expect: ok "ok"
function run(item)
    local s = "text"
    assert(s:sub(math.mininteger, math.maxinteger) == "text" and s:sub(math.maxinteger, math.mininteger) == "")
    assert(select("#", s:byte(math.mininteger, math.maxinteger)) == 4 and s:byte(math.maxinteger) == nil)
    assert(s:find("t", math.mininteger) == 1 and s:find("t", math.maxinteger) == nil)
    return "ok"
end

-- Small helpers for texts: local text = signalbox.use("text")
local text = {}

-- "  a b " → "a b"
function text.trim(s)
    return (s:gsub("^%s+", ""):gsub("%s+$", ""))
end

-- text.split("a, b", ", ") → {"a", "b"}; the separator is taken as it is, not as a pattern
function text.split(s, separator)
    local parts, from = {}, 1
    while true do
        local first, last = s:find(separator, from, true)
        if not first then break end
        parts[#parts + 1] = s:sub(from, first - 1)
        from = last + 1
    end
    parts[#parts + 1] = s:sub(from)
    return parts
end

function text.starts_with(s, beginning)
    return s:sub(1, #beginning) == beginning
end

-- "Hello {name}" with {name = "Ann"} → "Hello Ann"; an unknown name becomes nothing
function text.fill(template, values)
    return (template:gsub("{([%w_]+)}", function(name) return tostring(values[name] or "") end))
end

-- Cuts between characters, never within one: text.shorten("naïve idea", 6) → "naïve…"
function text.shorten(s, most)
    if (utf8.len(s) or #s) <= most then return s end
    local offset = utf8.offset(s, most)
    return s:sub(1, (offset or most) - 1) .. "…"
end

return text

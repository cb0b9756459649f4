-- Texts with places to fill in, written as in workflows: local template = signalbox.use("template")
local template = {}

local function valueAt(data, path)
    for name in path:gmatch("[^.]+") do
        if type(data) ~= "table" then return nil end
        data = data[name] == nil and data[math.tointeger(tonumber(name)) or name] or data[name]
    end
    return data
end

local function textOf(value)
    if value == nil or value == signalbox.null then return "" end
    if type(value) == "table" then return signalbox.json.encode(value) end
    if math.type(value) == "float" and value == math.floor(value) and math.abs(value) < 1e15 then
        return string.format("%d", value)
    end
    return tostring(value)
end

-- template.render("Dear {{ person.name | you }}", {person = {name = "Ann"}}) → "Dear Ann"; lists count from 1, what is not
-- there becomes what stands behind the bar, or nothing. What a value contains is never looked at again.
function template.render(text, data)
    return (text:gsub("{{([^{}]*)}}", function(place)
        local path, fallback = place:match("^%s*([^|]-)%s*|%s*(.-)%s*$")
        local value = textOf(valueAt(data, path or place:match("^%s*(.-)%s*$")))
        return value == "" and fallback or value
    end))
end

-- The paths that a text asks for, in order.
function template.names(text)
    local out = {}
    for place in text:gmatch("{{([^{}]*)}}") do out[#out + 1] = place:match("^%s*([^|]-)%s*$") or place:match("^%s*([^|]-)%s*|") end
    return signalbox.list(out)
end

return template

-- Telephone numbers and e-mail addresses in one spelling: local contact = signalbox.use("contact")
local contact = {}

-- Calling code and the prefix before national numbers, for regions where people write the national form.
local regions = {
    DE = {"49", "0"}, AT = {"43", "0"}, CH = {"41", "0"}, FR = {"33", "0"}, GB = {"44", "0"}, IE = {"353", "0"},
    NL = {"31", "0"}, BE = {"32", "0"}, LU = {"352", ""}, IT = {"39", ""}, ES = {"34", ""}, PT = {"351", ""},
    PL = {"48", ""}, CZ = {"420", ""}, SK = {"421", "0"}, HU = {"36", "06"}, RO = {"40", "0"}, BG = {"359", "0"},
    GR = {"30", ""}, DK = {"45", ""}, SE = {"46", "0"}, NO = {"47", ""}, FI = {"358", "0"}, UA = {"380", "0"},
    TR = {"90", "0"}, IL = {"972", "0"}, AE = {"971", "0"}, ZA = {"27", "0"}, IN = {"91", "0"}, AU = {"61", "0"},
    NZ = {"64", "0"}, JP = {"81", "0"}, BR = {"55", "0"}, MX = {"52", ""}, US = {"1", "1"}, CA = {"1", "1"},
}

-- contact.phone("030 1234-567", "DE") → "+49301234567" (E.164). Without + or 00 the region says how the number is
-- meant. It is the spelling that is made one; whether the number is in use is not known here. nil for what is none.
function contact.phone(text, region)
    local s = tostring(text):gsub("%(0%)", ""):gsub("[%s%-%./()]", "")
    local plus, number = s:match("^(%+?)(%d+)$")
    if not number then return nil end
    if plus == "" then
        local known = regions[region]
        if number:sub(1, 2) == "00" then
            number = number:sub(3)
        elseif not known then
            return nil
        else
            local code, prefix = known[1], known[2]
            if prefix ~= "" and number:sub(1, #prefix) == prefix then number = number:sub(#prefix + 1) end
            number = code .. number
        end
    end
    if #number < 7 or #number > 15 or number:sub(1, 1) == "0" then return nil end
    return "+" .. number
end

-- contact.email(" Ann <Ann@Example.COM> ") → "Ann@example.com": the domain in lower case, nothing else is changed, since
-- only the domain's owner knows what the part before the @ means. nil for what is no address.
function contact.email(text)
    local s = tostring(text)
    s = s:match("<([^<>]*)>") or s:match("^%s*(.-)%s*$")
    local name, domain = s:match("^([^%s@\"(),:;<>%[%]\\]+)@([%w.-]+)$")
    if not name or #s > 254 or #name > 64 then return nil end
    if name:find("..", 1, true) or name:match("^%.") or name:match("%.$") then return nil end
    if not domain:find(".", 1, true) or domain:find("..", 1, true) or domain:match("^[.-]") or domain:match("[.-]$") then
        return nil
    end
    return name .. "@" .. domain:lower()
end

return contact

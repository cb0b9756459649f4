-- Money as whole numbers of the smallest unit (cents), so that nothing is lost: local money = signalbox.use("money")
local money = {}

local digits = {JPY = 0, KRW = 0, VND = 0, CLP = 0, ISK = 0, BHD = 3, JOD = 3, KWD = 3, OMR = 3, TND = 3}

-- How many digits a currency has behind the point.
function money.digits(currency)
    return digits[currency] or 2
end

-- money.parse("1.234,50", "EUR") → 123450; the last of . and , is the decimal mark when at most as many digits as the
-- currency has stand behind it. nil for what is no amount.
function money.parse(text, currency)
    local sign, body = tostring(text):match("^%s*(%-?)%s*([%d.,' ]*%d)%s*$")
    if not body then return nil end
    local places = money.digits(currency)
    local whole, mark, fraction = body:match("^(.-)([.,])(%d+)$")
    if not mark or #fraction > places then
        if mark and #fraction ~= 3 then return nil end
        whole, fraction = body, ""
    end
    local units = whole:gsub("[.,' ]", "") .. fraction .. ("0"):rep(places - #fraction)
    if #units > 15 then return nil end
    local amount = math.tointeger(tonumber(units == "" and "0" or units))
    return sign == "-" and -amount or amount
end

-- money.format(123450, "EUR") → "1234.50 EUR"
function money.format(amount, currency)
    local places = money.digits(currency)
    local units = tostring(math.abs(amount))
    units = ("0"):rep(places + 1 - #units) .. units
    local text = places == 0 and units or units:sub(1, -places - 1) .. "." .. units:sub(-places)
    return (amount < 0 and "-" or "") .. text .. " " .. currency
end

-- Splits an amount by weights without losing a cent: money.split(100, {1, 1, 1}) → {34, 33, 33}
function money.split(amount, weights)
    local total, out, rest = 0, {}, amount
    for _, weight in ipairs(weights) do total = total + weight end
    for i, weight in ipairs(weights) do
        out[i] = amount * weight // total
        rest = rest - out[i]
    end
    for i = 1, rest do out[i] = out[i] + 1 end
    return out
end

return money

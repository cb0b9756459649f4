-- Whether somebody is in the office, by the run's own time or the item's, in UTC: Monday to Friday, 8 to 17.
-- item: {}
-- result: {"is_open": true, "now": "2026-01-05T09:00:00.000Z"}
-- item: {"at": "2026-01-10T12:00:00Z"}
-- result: {"is_open": false, "now": "2026-01-05T09:00:00.000Z"}

-- Days since 1970-01-01, which was a Thursday.
local function dayNumber(year, month, day)
    if month <= 2 then year, month = year - 1, month + 12 end
    return 365 * year + year // 4 - year // 100 + year // 400 + (153 * (month - 3) + 2) // 5 + day - 719469
end

function run(item)
    local at = item.at or signalbox.date()
    local year, month, day, hour = at:match("^(%d+)-(%d+)-(%d+)T(%d+)")
    if not year then error("item.at is no time: " .. tostring(at)) end
    local weekday = (dayNumber(tonumber(year), tonumber(month), tonumber(day)) + 4) % 7
    local is_weekday = weekday >= 1 and weekday <= 5
    return {
        is_open = is_weekday and tonumber(hour) >= 8 and tonumber(hour) < 17,
        now = signalbox.date(),
    }
end

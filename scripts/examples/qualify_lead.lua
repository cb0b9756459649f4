-- Scores an inbound message and says who should get it. Typical place: behind a message trigger, before a switch on
-- `route`.
-- item: {"text": "Hi, we need a quote for 40 seats, urgent!", "from": {"name": "Ann"}, "channel": "email"}
-- result: {"score": 65, "seats": 40, "route": "sales", "reasons": ["asks for a price", "urgent", "40 seats"]}
-- item: {"text": "unsubscribe", "channel": "sms"}
-- result: {"score": 0, "route": "nobody", "reasons": []}

local signs = {
    {pattern = "quote", points = 30, reason = "asks for a price"},
    {pattern = "price", points = 30, reason = "asks for a price"},
    {pattern = "urgent", points = 15, reason = "urgent"},
    {pattern = "demo", points = 25, reason = "wants a demo"},
}

function run(item)
    local text = (item.text or ""):lower()
    local score, reasons = 0, signalbox.list()
    for _, sign in ipairs(signs) do
        if text:find(sign.pattern, 1, true) then
            score = score + sign.points
            table.insert(reasons, sign.reason)
        end
    end
    local seats = tonumber(text:match("(%d+)%s*seats"))
    if seats and seats >= 20 then
        score = score + 20
        table.insert(reasons, seats .. " seats")
    end
    local route = score >= 50 and "sales" or score > 0 and "support" or "nobody"
    return {score = score, seats = seats, route = route, reasons = reasons}
end

-- Turns an order from a shop's webhook into the text of a message: one line for each article, then the total.
-- item: {"order": 4711, "lines": [{"name": "Tea", "count": 2, "price": 3.5}, {"name": "Jam", "count": 1, "price": 4}]}
-- result: {"text": "Order 4711\n2 × Tea   7.00\n1 × Jam   4.00\nTotal     11.00", "total": 11, "articles": 3}

local list = signalbox.use("list")

function run(item)
    local lines = list.map(item.lines, function(line)
        return ("%d × %-5s %.2f"):format(line.count, line.name, line.count * line.price)
    end)
    local total = 0
    for _, line in ipairs(item.lines) do total = total + line.count * line.price end
    local text = ("Order %d\n%s\nTotal     %.2f"):format(item.order, table.concat(lines, "\n"), total)
    return {text = text, total = total, articles = list.sum(item.lines, "count")}
end

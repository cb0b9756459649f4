-- Comma-separated values (RFC 4180): local csv = signalbox.use("csv")
local csv = {}

-- csv.parse('a,b\n1,"x, y"\n') → {{"a", "b"}, {"1", "x, y"}}; the separator is one character, "," unless given
function csv.parse(text, separator)
    local sep = separator or ","
    local rows, row, at, size = {}, {}, 1, #text
    local plain = "^[^" .. (sep == "^" and "%^" or "%" .. sep) .. "\r\n]*"
    while at <= size do
        local value
        if text:sub(at, at) == '"' then
            local parts = {}
            at = at + 1
            while true do
                local quote = text:find('"', at, true)
                if not quote then error("csv: a quote is never closed in row " .. (#rows + 1), 2) end
                parts[#parts + 1] = text:sub(at, quote - 1)
                at = quote + 1
                if text:sub(at, at) ~= '"' then break end
                parts[#parts + 1] = '"'
                at = at + 1
            end
            value = table.concat(parts)
        else
            local first, last = text:find(plain, at)
            value = text:sub(first, last)
            at = last + 1
        end
        row[#row + 1] = value
        local c = text:sub(at, at)
        if c == sep then
            at = at + 1
            if at > size then row[#row + 1] = "" end
        elseif c == "" or c == "\n" or c == "\r" then
            if c == "\r" and text:sub(at + 1, at + 1) == "\n" then at = at + 1 end
            at = at + 1
            rows[#rows + 1] = row
            row = {}
        else
            error("csv: text behind a closing quote in row " .. (#rows + 1), 2)
        end
    end
    if #row > 0 then rows[#rows + 1] = row end
    return rows
end

-- With the names of the first row: csv.records("a,b\n1,2\n") → {{a = "1", b = "2"}}
function csv.records(text, separator)
    local rows, out = csv.parse(text, separator), {}
    for i = 2, #rows do
        local record = {}
        for column, name in ipairs(rows[1]) do record[name] = rows[i][column] or "" end
        out[#out + 1] = record
    end
    return out
end

-- csv.format({{"a", "x, y"}}) → 'a,"x, y"\r\n'
function csv.format(rows, separator)
    local sep, lines = separator or ",", {}
    for _, row in ipairs(rows) do
        local cells = {}
        for i, value in ipairs(row) do
            local cell = tostring(value)
            if cell:find('["\r\n]') or cell:find(sep, 1, true) then cell = '"' .. cell:gsub('"', '""') .. '"' end
            cells[i] = cell
        end
        lines[#lines + 1] = table.concat(cells, sep) .. "\r\n"
    end
    return table.concat(lines)
end

return csv

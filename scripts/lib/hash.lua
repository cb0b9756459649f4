-- SHA-256 (FIPS 180-4) and HMAC (RFC 2104), as lower-case hex: local hash = signalbox.use("hash")
local hash = {}

local k, start = {}, {}
do -- the first 32 bits of the fractional parts of cube and square roots of the first primes
    local function bits(n, root)
        local low, high = 0, 1 << 37 -- root(n) * 2^32, by halving
        while high - low > 1 do
            local middle = (low + high) // 2
            local whole, part = middle >> 32, middle & 0xffffffff
            local x = whole + part / 4294967296.0
            if (root == 2 and x * x or x * x * x) <= n then low = middle else high = middle end
        end
        return low & 0xffffffff
    end
    local n, count = 2, 0
    while count < 64 do
        local is_prime = true
        for d = 2, math.floor(n ^ 0.5) do
            if n % d == 0 then is_prime = false break end
        end
        if is_prime then
            count = count + 1
            k[count] = bits(n, 3)
            if count <= 8 then start[count] = bits(n, 2) end
        end
        n = n + 1
    end
end

local function rotate(x, n)
    return (x >> n | x << (32 - n)) & 0xffffffff
end

local function raw(text)
    local h = {}
    for i = 1, 8 do h[i] = start[i] end
    local length = #text * 8
    local tail = {}
    for i = 7, 0, -1 do tail[#tail + 1] = string.char(length >> (i * 8) & 255) end
    text = text .. "\128" .. ("\0"):rep((55 - #text) % 64) .. table.concat(tail)
    for block = 1, #text, 64 do
        local w = {}
        for i = 1, 16 do
            local a, b, c, d = text:byte(block + (i - 1) * 4, block + i * 4 - 1)
            w[i] = a << 24 | b << 16 | c << 8 | d
        end
        for i = 17, 64 do
            local x, y = w[i - 15], w[i - 2]
            w[i] = (w[i - 16] + (rotate(x, 7) ~ rotate(x, 18) ~ x >> 3) + w[i - 7] +
                    (rotate(y, 17) ~ rotate(y, 19) ~ y >> 10)) & 0xffffffff
        end
        local a, b, c, d, e, f, g, j = h[1], h[2], h[3], h[4], h[5], h[6], h[7], h[8]
        for i = 1, 64 do
            local one = j + (rotate(e, 6) ~ rotate(e, 11) ~ rotate(e, 25)) + (e & f ~ ~e & g) + k[i] + w[i]
            local two = (rotate(a, 2) ~ rotate(a, 13) ~ rotate(a, 22)) + (a & b ~ a & c ~ b & c)
            a, b, c, d, e, f, g, j = (one + two) & 0xffffffff, a, b, c, (d + one) & 0xffffffff, e, f, g
        end
        for i, x in ipairs({a, b, c, d, e, f, g, j}) do h[i] = (h[i] + x) & 0xffffffff end
    end
    local out = {}
    for i = 1, 8 do
        for shift = 24, 0, -8 do out[#out + 1] = string.char(h[i] >> shift & 255) end
    end
    return table.concat(out)
end

local function hex(bytes)
    return (bytes:gsub(".", function(c) return string.format("%02x", c:byte()) end))
end

function hash.sha256(text)
    return hex(raw(text))
end

function hash.hmac_sha256(key, text)
    if #key > 64 then key = raw(key) end
    key = key .. ("\0"):rep(64 - #key)
    local inner = key:gsub(".", function(c) return string.char(c:byte() ~ 0x36) end)
    local outer = key:gsub(".", function(c) return string.char(c:byte() ~ 0x5c) end)
    return hex(raw(outer .. raw(inner .. text)))
end

return hash

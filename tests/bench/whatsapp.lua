-- wrk script: WhatsApp Cloud text callbacks, each with an id of its own, signed like the provider signs.
-- Environment: BENCH_SECRET (app secret), BENCH_RUN (makes ids unique over runs), BENCH_DELAY_MS (pause of each
-- connection between its calls).
local ffi = require("ffi")
ffi.cdef [[
const void *EVP_sha256(void);
unsigned char *HMAC(const void *md, const void *key, int key_len, const unsigned char *data, size_t n,
                    unsigned char *out, unsigned int *out_len);
]]
local crypto = ffi.load("crypto.so.3")
local sha256 = crypto.EVP_sha256()
local digest, length = ffi.new("unsigned char[32]"), ffi.new("unsigned int[1]")
local secret = os.getenv("BENCH_SECRET") or "bench-secret"
local run = os.getenv("BENCH_RUN") or "0"

local hex = {}
for i = 0, 255 do hex[i] = string.format("%02x", i) end

local function sign(body)
    crypto.HMAC(sha256, secret, #secret, body, #body, digest, length)
    local out = {}
    for i = 0, 31 do out[i + 1] = hex[digest[i]] end
    return "sha256=" .. table.concat(out)
end

local head = '{"object":"whatsapp_business_account","entry":[{"id":"264937493375603","changes":[{"value":'
    .. '{"messaging_product":"whatsapp","metadata":{"display_phone_number":"15550953877",'
    .. '"phone_number_id":"277321005464405"},"contacts":[{"profile":{"name":"Bench Person"},"wa_id":"'
local threads = 0
function setup(thread)
    thread:set("id", threads)
    threads = threads + 1
end

local counter = 0
function request()
    counter = counter + 1
    local from = "4917" .. string.format("%08d", counter % 5000)
    local body = head .. from .. '"}],"messages":[{"from":"' .. from .. '","id":"wamid.' .. run .. "." .. id .. "." .. counter
        .. '","timestamp":"1760000000","text":{"body":"How much is a table for four on friday evening, please?"},'
        .. '"type":"text"}]},"field":"messages"}]}]}'
    return wrk.format("POST", nil, {["content-type"] = "application/json", ["x-hub-signature-256"] = sign(body)}, body)
end

local pause = tonumber(os.getenv("BENCH_DELAY_MS") or "0")
if pause > 0 then
    function delay() return pause end
end

function done(summary, latency, requests)
    local bad = summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.timeout
    io.write(string.format("RESULT per_s=%.0f p50_ms=%.2f p99_ms=%.2f bad=%d total=%d\n",
        summary.requests / (summary.duration / 1e6), latency:percentile(50) / 1000, latency:percentile(99) / 1000,
        bad, summary.requests))
end

-- wrk script for the scenarios of ./dev bench workflows: POSTs to one or several callbacks in turn, with a body that differs
-- each time. Environment: BENCH_PATHS (with commas between), BENCH_RUN, BENCH_BYTES (of text in the body).
local run = os.getenv("BENCH_RUN") or "0"
local bytes = tonumber(os.getenv("BENCH_BYTES") or "0")
local paths = {}
for path in (os.getenv("BENCH_PATHS") or "/"):gmatch("[^,]+") do paths[#paths + 1] = path end
local data = bytes > 0 and ',"data":"' .. ("x"):rep(bytes) .. '"' or ""
local threads, counter = 0, 0

function setup(thread)
    thread:set("id", threads)
    threads = threads + 1
end

function request()
    counter = counter + 1
    return wrk.format("POST", paths[counter % #paths + 1], {["content-type"] = "application/json"},
        '{"order":"' .. run .. "-" .. id .. "-" .. counter .. '","amount":' .. (counter % 200) .. ',"customer":"c-1"' .. data .. "}")
end

function done(summary, latency, requests)
    local bad = summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.timeout
    io.write(string.format("RESULT per_s=%.0f p50_ms=%.2f p99_ms=%.2f bad=%d total=%d\n",
        summary.requests / (summary.duration / 1e6), latency:percentile(50) / 1000, latency:percentile(99) / 1000,
        bad, summary.requests))
end

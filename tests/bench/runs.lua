-- wrk script: webhooks whose body differs each time, so that none is taken for a repetition of another.
-- Environment: BENCH_RUN (makes bodies unique over runs), BENCH_DELAY_MS.
local run = os.getenv("BENCH_RUN") or "0"
local pause = tonumber(os.getenv("BENCH_DELAY_MS") or "0")
local threads, counter = 0, 0

function setup(thread)
    thread:set("id", threads)
    threads = threads + 1
end

function request()
    counter = counter + 1
    return wrk.format("POST", nil, {["content-type"] = "application/json"},
        '{"order":"' .. run .. "-" .. id .. "-" .. counter .. '","amount":' .. (counter % 200) .. ',"customer":"c-1"}')
end

if pause > 0 then
    function delay() return pause end
end

function done(summary, latency, requests)
    local bad = summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.timeout
    io.write(string.format("RESULT per_s=%.0f p50_ms=%.2f p99_ms=%.2f bad=%d total=%d\n",
        summary.requests / (summary.duration / 1e6), latency:percentile(50) / 1000, latency:percentile(99) / 1000,
        bad, summary.requests))
end

-- wrk script: the same JSON body again and again. Environment: BENCH_BODY_BYTES, BENCH_DELAY_MS (a pause before each request of a
-- connection, for latency at a given rate).
wrk.method = "POST"
wrk.headers["content-type"] = "application/json"
local size = tonumber(os.getenv("BENCH_BODY_BYTES") or "600")
wrk.body = '{"amount":120,"customer":"c-1","note":"' .. string.rep("x", size - 40) .. '"}'

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

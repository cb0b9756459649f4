-- wrk: POST with a body of 600 bytes, about what a provider's callback weighs.
wrk.method = "POST"
wrk.headers["content-type"] = "application/json"
wrk.body = '{"text":"' .. string.rep("x", 589) .. '"}'

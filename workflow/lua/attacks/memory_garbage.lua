-- Garbage alone does not use up the limit.
-- expect: ok "done"
function run(item)
    for i = 1, 50 do local _ = ("x"):rep(1 << 20) .. i end
    return "done"
end

-- The log has an end.
-- expect: ok "done"
function run(item)
    for _ = 1, 10000 do signalbox.log(("x"):rep(100)) end
    return "done"
end

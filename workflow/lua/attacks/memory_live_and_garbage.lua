-- Nor does garbage beside half the limit of living data.
-- expect: ok "done"
function run(item)
    local keep = {}
    for i = 1, 18 do keep[i] = ("x"):rep(1 << 20) .. i end
    for i = 1, 60000 do local _ = {i, i, i, i} end
    return "done"
end

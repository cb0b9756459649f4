-- What a script does to its globals and to lists stays in its run.
-- expect: ok "poisoned"
function run(item)
    tostring, pairs, error, signalbox = nil, nil, nil, nil
    item.poison = "x"
    poison = item
    return "poisoned"
end

-- Nor in the libraries.
-- expect: ok []
function run(item)
    local found = signalbox.list()
    for _, name in ipairs({"dump", "pack", "unpack", "packsize"}) do
        if string[name] then found[#found + 1] = name end
    end
    for _, name in ipairs({"random", "randomseed"}) do
        if math[name] then found[#found + 1] = name end
    end
    return found
end

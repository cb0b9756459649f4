-- None of the ways out is there.
-- expect: ok []
function run(item)
    local found = signalbox.list()
    for _, name in ipairs({"load", "loadfile", "loadstring", "dofile", "require", "package", "io", "os",
                             "debug", "coroutine", "collectgarbage", "print", "_G", "_VERSION", "warn", "setfenv",
                             "getfenv", "module", "newproxy", "bit32", "jit", "ffi"}) do
        if _ENV[name] ~= nil then found[#found + 1] = name end
    end
    return found
end

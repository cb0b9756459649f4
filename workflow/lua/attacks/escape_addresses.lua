-- No text shows an address.
-- expect: ok []
function run(item)
    local found = signalbox.list()
    for _, text in ipairs({tostring({}), tostring(run), tostring(string.rep), tostring(string), ("%s"):format({}),
                           select(2, pcall(function() return {} .. "" end)), select(2, pcall(ipairs))}) do
        if text:find("0x%x%x%x") then found[#found + 1] = text end
    end
    return found
end

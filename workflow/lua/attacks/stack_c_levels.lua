-- pcall within pcall within pcall.
-- expect: ok
function run(item)
    local function f() return pcall(f) end
    return (f())
end

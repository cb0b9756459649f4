-- gsub within gsub within gsub.
-- expect: E_LUA_RUNTIME
function run(item)
    local function f(x) return (x:gsub(".", f)) end
    return f("x")
end

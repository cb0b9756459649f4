-- sort within a comparison.
-- expect: E_LUA_RUNTIME
function run(item)
    local function f(a, b)
        table.sort({1, 2, 3}, f)
        return a < b
    end
    f(1, 2)
end

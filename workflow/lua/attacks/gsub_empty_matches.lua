-- gsub that inserts between all characters.
-- expect: E_LUA_RUNTIME
function run(item)
    return (("x"):rep(1 << 20):gsub("", ("y"):rep(1000)))
end

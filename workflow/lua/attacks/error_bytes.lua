-- An error text that is no UTF-8 and has control characters.
-- expect: E_LUA_RUNTIME
function run(item)
    error("\xff\xfe\0\n\r\27[31m")
end

-- An entry that is no function.
-- expect: E_LUA_SYNTAX
run = setmetatable({}, {__call = function() end})

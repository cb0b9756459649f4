-- A script without an entry.
-- expect: E_LUA_SYNTAX
local x = 1

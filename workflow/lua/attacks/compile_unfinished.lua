-- A text that never ends.
-- expect: E_LUA_SYNTAX
local s = [==[ never closed

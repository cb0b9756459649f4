-- Not Lua.
-- expect: E_LUA_SYNTAX
 ]] --[[ "

-- A message handler that raises and is its own handler.
-- expect: E_LUA_TIME
function run(item)
    local function handler() return xpcall(error, handler) end
    while true do xpcall(error, handler) end
end

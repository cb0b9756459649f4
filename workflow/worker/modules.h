// The Lua files of scripts/lib, built into the worker: `local text = signalbox.use("text")`.
#pragma once

struct lua_State;

namespace signalbox::worker {

// signalbox.use(name): runs the module the first time a script asks for it and gives the table it returns.
int useModule(lua_State* L);

// Before the first script: nothing may allocate outside Lua while one runs.
void prepareModules();

}  // namespace signalbox::worker

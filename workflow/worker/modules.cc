#include "workflow/worker/modules.h"

#include <cstdio>
#include <cstring>
#include <lua.hpp>

#include "scripts/dev/embedded.h"
#include "workflow/worker/meter.h"

namespace signalbox::worker {
namespace {

const char kLoaded = 0;  // its address: the key of the loaded modules in the registry

const embedded::TextFile* modules = nullptr;
std::size_t module_count = 0;

const embedded::TextFile* findModule(const char* name) {
    for (std::size_t i = 0; i < module_count; ++i) {
        const std::size_t size = modules[i].name.size() - std::strlen(".lua");
        if (std::strlen(name) == size && std::memcmp(name, modules[i].name.data(), size) == 0)
            return &modules[i];
    }
    return nullptr;
}

void pushLoaded(lua_State* L) {
    if (lua_rawgetp(L, LUA_REGISTRYINDEX, &kLoaded) == LUA_TTABLE) return;
    lua_pop(L, 1);
    lua_newtable(L);
    lua_pushvalue(L, -1);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &kLoaded);
}

}  // namespace

void prepareModules() {
    modules = embedded::lua_library().data();
    module_count = embedded::lua_library().size();
}

int useModule(lua_State* L) {
    const char* const name = luaL_checkstring(L, 1);
    lua_settop(L, 1);
    pushLoaded(L);
    lua_pushvalue(L, 1);
    if (lua_rawget(L, 2) != LUA_TNIL) return 1;
    const auto* const module = findModule(name);
    if (module == nullptr) return luaL_error(L, "signalbox.use: no module '%s'", name);
    meter().charge(module->text.size() / 4);
    char chunk[64];
    std::snprintf(chunk, sizeof chunk, "=lib:%.40s", name);
    if (luaL_loadbufferx(L, module->text.data(), module->text.size(), chunk, "t") != LUA_OK)
        return lua_error(L);
    lua_call(L, 0, 1);
    lua_pushvalue(L, 1);
    lua_pushvalue(L, -2);
    lua_rawset(L, 2);
    return 1;
}

}  // namespace signalbox::worker

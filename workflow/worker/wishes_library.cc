// signalbox.send, sleep, await, call: what a script may return instead of data. They only make a table that
// says what is wished for; the engine does it, durably, and what came of it goes on.
#include <initializer_list>
#include <lua.hpp>

#include "workflow/worker/library.h"

namespace signalbox::worker {
namespace {

// The table on top is one.
void nameWish(lua_State* L, const char* kind) {
    lua_pushstring(L, kind);
    lua_setfield(L, -2, "$signalbox");
}

// signalbox.send{account = "sms", to = "+491701234567", text = "…"}
int send(lua_State* L) {
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_newtable(L);
    lua_pushvalue(L, 1);
    lua_setfield(L, -2, "message");
    nameWish(L, "send");
    return 1;
}

// signalbox.sleep(30), signalbox.sleep{until = "2030-01-01T08:00:00Z"}
int sleep(lua_State* L) {
    lua_newtable(L);
    if (lua_istable(L, 1)) {
        lua_getfield(L, 1, "until");
        luaL_checkstring(L, -1);
        lua_setfield(L, -2, "until");
    } else {
        lua_pushnumber(L, luaL_checknumber(L, 1));
        lua_setfield(L, -2, "seconds");
    }
    nameWish(L, "sleep");
    return 1;
}

// signalbox.await{event = "custom.paid", path = "data.order", value = item.order, timeout_s = 3600}
int await(lua_State* L) {
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_newtable(L);
    for (const char* key : {"event", "path", "value", "timeout_s"}) {
        lua_getfield(L, 1, key);
        lua_setfield(L, -2, key);
    }
    nameWish(L, "await");
    return 1;
}

// signalbox.call("billing", {order = 7}): the result of another workflow
int call(lua_State* L) {
    luaL_checkstring(L, 1);
    lua_settop(L, 2);
    lua_newtable(L);
    lua_pushvalue(L, 1);
    lua_setfield(L, -2, "workflow");
    lua_pushvalue(L, 2);
    lua_setfield(L, -2, "input");
    nameWish(L, "call");
    return 1;
}

}  // namespace

void addWishes(lua_State* L) {
    constexpr luaL_Reg kFunctions[] = {
        {"send", &send}, {"sleep", &sleep}, {"await", &await}, {"call", &call}, {nullptr, nullptr}};
    luaL_setfuncs(L, kFunctions, 0);
}

}  // namespace signalbox::worker

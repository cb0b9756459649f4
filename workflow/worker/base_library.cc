#include <cstdio>
#include <iterator>
#include <lua.hpp>

#include "workflow/worker/library.h"
#include "workflow/worker/meter.h"

namespace signalbox::worker {
namespace {

// Keys in the registry; their addresses are the keys.
const char kTextIds = 0, kMetatables = 0, kListMark = 0, kOriginal = 0;

// ---- metatables
// --------------------------------------------------------------------------------------------------- An
// object never gets the script's own metatable but a copy that follows it at each call of setmetatable: a key
// that is refused here could otherwise be added afterwards.
constexpr const char* kRefused[] = {"__gc", "__mode", "__close", "__metatable"};
constexpr const char* kEvents[] = {
    "__index", "__newindex", "__call", "__tostring", "__name", "__eq",   "__lt",   "__le",  "__concat",
    "__len",   "__unm",      "__add",  "__sub",      "__mul",  "__div",  "__mod",  "__pow", "__idiv",
    "__band",  "__bor",      "__bxor", "__shl",      "__shr",  "__bnot", "__pairs"};

void refuseDangerousKeys(lua_State* L, int metatable) {
    for (const char* key : kRefused) {
        lua_pushstring(L, key);
        if (lua_rawget(L, metatable) != LUA_TNIL) luaL_error(L, "%s is not available in scripts", key);
        lua_pop(L, 1);
    }
}

// Pushes the copy that stands for the metatable at `index`.
void pushCopyOf(lua_State* L, int index) {
    lua_rawgetp(L, LUA_REGISTRYINDEX, &kMetatables);
    lua_pushvalue(L, index);
    if (lua_rawget(L, -2) == LUA_TTABLE) {
        lua_remove(L, -2);
        return;
    }
    lua_pop(L, 1);
    lua_newtable(L);
    lua_pushvalue(L, index);
    lua_rawsetp(L, -2, &kOriginal);
    lua_pushvalue(L, index);
    lua_pushvalue(L, -2);
    lua_rawset(L, -4);
    lua_remove(L, -2);
}

int setMetatable(lua_State* L) {
    luaL_checktype(L, 1, LUA_TTABLE);
    luaL_argexpected(L, lua_type(L, 2) == LUA_TNIL || lua_type(L, 2) == LUA_TTABLE, 2, "nil or table");
    lua_settop(L, 2);
    if (lua_isnil(L, 2)) {
        lua_setmetatable(L, 1);
        return 1;
    }
    refuseDangerousKeys(L, 2);
    meter().charge(std::size(kEvents));
    pushCopyOf(L, 2);
    for (const char* event : kEvents) {
        lua_pushstring(L, event);
        lua_pushvalue(L, -1);
        lua_rawget(L, 2);
        lua_rawset(L, 3);
    }
    lua_setmetatable(L, 1);
    lua_settop(L, 1);
    return 1;
}

int getMetatable(lua_State* L) {
    luaL_checkany(L, 1);
    lua_settop(L, 1);
    if (!lua_istable(L, 1) || !lua_getmetatable(L, 1)) {
        lua_pushnil(L);
        return 1;
    }
    lua_rawgetp(L, -1, &kOriginal);
    return 1;
}

// ---- text
// ---------------------------------------------------------------------------------------------------------

std::int64_t idOf(lua_State* L, int index) {
    lua_rawgetp(L, LUA_REGISTRYINDEX, &kTextIds);
    lua_pushvalue(L, index);
    if (lua_rawget(L, -2) == LUA_TNIL) {
        lua_pop(L, 1);
        const auto next = static_cast<lua_Integer>(lua_rawlen(L, -1)) + 1;
        lua_pushvalue(L, index);
        lua_rawseti(L, -2, next);
        lua_pushvalue(L, index);
        lua_pushinteger(L, next);
        lua_rawset(L, -3);
        lua_pushinteger(L, next);
    }
    const auto id = lua_tointeger(L, -1);
    lua_pop(L, 2);
    return id;
}

int toString(lua_State* L) {
    luaL_checkany(L, 1);
    pushText(L, 1, nullptr);
    return 1;
}

// Whether __tostring (or nothing) was called; its result is pushed.
bool pushByMetamethod(lua_State* L, int index) {
    if (luaL_getmetafield(L, index, "__tostring") == LUA_TNIL) return false;
    lua_pushvalue(L, index);
    lua_call(L, 1, 1);
    if (!lua_isstring(L, -1)) luaL_error(L, "'__tostring' must return a string");
    return true;
}

// ---- the rest
// -----------------------------------------------------------------------------------------------------

int callCharged(lua_State* L) {
    std::size_t length = 0;
    for (int i = lua_gettop(L); i > 0; --i)
        if (lua_type(L, i) == LUA_TSTRING) length += lua_rawlen(L, i);
    meter().charge(length / 16 + static_cast<std::uint64_t>(lua_gettop(L)) / 4 + 1);
    return lua_tocfunction(L, lua_upvalueindex(1))(L);
}

int refuseWrite(lua_State* L) {
    return luaL_error(L, "the libraries cannot be changed");
}

template <bool is_charged>
void copyFields(lua_State* L, const char* const* names) {
    for (; *names != nullptr; ++names) {
        lua_getfield(L, -1, *names);
        if constexpr (is_charged) lua_pushcclosure(L, &callCharged, 1);
        lua_setfield(L, -3, *names);
    }
}

}  // namespace

void copyAllowed(lua_State* L, const char* const* names) {
    copyFields<false>(L, names);
}
void copyCharged(lua_State* L, const char* const* names) {
    copyFields<true>(L, names);
}

void makeReadOnly(lua_State* L, const char* name) {
    // A userdata, not a table: rawset, setmetatable and table.insert refuse it without being told.
    lua_newuserdatauv(L, 0, 0);
    lua_createtable(L, 0, 3);
    lua_pushvalue(L, -3);
    lua_setfield(L, -2, "__index");
    lua_pushcfunction(L, &refuseWrite);
    lua_setfield(L, -2, "__newindex");
    lua_pushstring(L, name);
    lua_setfield(L, -2, "__name");
    lua_setmetatable(L, -2);
    lua_remove(L, -2);
}

void setReadOnlyGlobal(lua_State* L, const char* name) {
    makeReadOnly(L, name);
    lua_setglobal(L, name);
}

const char* pushText(lua_State* L, int index, std::size_t* size) {
    index = lua_absindex(L, index);
    luaL_checkstack(L, 6, "too many values");
    const int type = lua_type(L, index);
    if (type != LUA_TTABLE && type != LUA_TFUNCTION && type != LUA_TUSERDATA && type != LUA_TLIGHTUSERDATA)
        return luaL_tolstring(L, index, size);
    if (type == LUA_TLIGHTUSERDATA)
        lua_pushliteral(L, "null");
    else if (!pushByMetamethod(L, index))
        lua_pushfstring(L, "%s: #%I", lua_typename(L, type), static_cast<LUAI_UACINT>(idOf(L, index)));
    return lua_tolstring(L, -1, size);
}

void markAsList(lua_State* L, int index) {
    index = lua_absindex(L, index);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &kListMark);
    lua_setmetatable(L, index);
}

bool isMarkedAsList(lua_State* L, int index) {
    if (!lua_getmetatable(L, index)) return false;
    lua_rawgetp(L, LUA_REGISTRYINDEX, &kListMark);
    const bool is_mark = lua_rawequal(L, -1, -2) != 0;
    lua_pop(L, 2);
    return is_mark;
}

void openBase(lua_State* L) {
    for (const char* key : {&kTextIds, &kMetatables, &kListMark}) {
        lua_newtable(L);
        lua_rawsetp(L, LUA_REGISTRYINDEX, key);
    }
    // The library's functions land in a table that is dropped again, and from there by name in the globals.
    lua_rawgeti(L, LUA_REGISTRYINDEX, LUA_RIDX_GLOBALS);
    lua_newtable(L);
    lua_pushvalue(L, -1);
    lua_rawseti(L, LUA_REGISTRYINDEX, LUA_RIDX_GLOBALS);
    luaopen_base(L);
    lua_pop(L, 1);
    constexpr const char* kAllowed[] = {"assert", "error",    "ipairs", "next",   "pairs",  "pcall", "type",
                                        "xpcall", "rawequal", "rawget", "rawlen", "rawset", nullptr};
    constexpr const char* kCharged[] = {"select", "tonumber", nullptr};
    copyAllowed(L, kAllowed);
    copyCharged(L, kCharged);
    lua_pop(L, 1);
    lua_pushvalue(L, -1);
    lua_rawseti(L, LUA_REGISTRYINDEX, LUA_RIDX_GLOBALS);
    constexpr luaL_Reg kOurs[] = {{"setmetatable", &setMetatable},
                                  {"getmetatable", &getMetatable},
                                  {"tostring", &toString},
                                  {nullptr, nullptr}};
    luaL_setfuncs(L, kOurs, 0);
    lua_pop(L, 1);
}

void openMath(lua_State* L) {
    constexpr const char* kMath[] = {"abs",  "acos",      "asin",       "atan",       "ceil", "cos", "deg",
                                     "exp",  "floor",     "fmod",       "huge",       "log",  "max", "min",
                                     "modf", "pi",        "rad",        "sin",        "sqrt", "tan", "type",
                                     "ult",  "tointeger", "maxinteger", "mininteger", nullptr};
    lua_newtable(L);
    luaopen_math(L);
    copyAllowed(L, kMath);
    lua_pop(L, 1);
    setReadOnlyGlobal(L, "math");
    constexpr const char* kUtf8[] = {"char", "charpattern", nullptr};
    constexpr const char* kUtf8Charged[] = {"codepoint", "codes", "len", "offset", nullptr};
    lua_newtable(L);
    luaopen_utf8(L);
    copyAllowed(L, kUtf8);
    copyCharged(L, kUtf8Charged);
    lua_pop(L, 1);
    setReadOnlyGlobal(L, "utf8");
}

}  // namespace signalbox::worker

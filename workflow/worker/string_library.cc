#include <cstring>
#include <lua.hpp>

#include "workflow/worker/library.h"
#include "workflow/worker/meter.h"
#include "workflow/worker/pattern.h"

namespace signalbox::worker {
namespace {

int repeat(lua_State* L) {
    std::size_t size = 0, separator_size = 0;
    const char* const text = luaL_checklstring(L, 1, &size);
    const lua_Integer count = luaL_checkinteger(L, 2);
    const char* const separator = luaL_optlstring(L, 3, "", &separator_size);
    if (count <= 0) {
        lua_pushliteral(L, "");
        return 1;
    }
    if (count > (1 << 20)) return luaL_error(L, "string.rep repeats at most 1048576 times");
    const auto times = static_cast<std::size_t>(count);
    if (size + separator_size > kMaxMadeText / times)
        return luaL_error(L, "the result of string.rep grows over 8 MiB");
    const std::size_t unit = size + separator_size, total = times * unit - separator_size;
    meter().charge(total / 64 + 1);
    luaL_Buffer out;
    char* const begin = luaL_buffinitsize(L, &out, total + unit);
    std::memcpy(begin, text, size);
    std::memcpy(begin + size, separator, separator_size);
    for (std::size_t done = unit; done < total; done *= 2)  // what is there is copied behind itself
        std::memcpy(begin + done, begin, done < total - done ? done : total - done);
    luaL_pushresultsize(&out, total);
    return 1;
}

// ---- format: the directives are checked here, the library does the rest
// --------------------------------------------

constexpr int kMaxDirectives = 64;

// Behind flags, width and precision; each at most two digits long.
const char* skipModifiers(lua_State* L, const char* at) {
    at += std::strspn(at, "-+ #0");
    const std::size_t width = std::strspn(at, "0123456789");
    at += width;
    std::size_t precision = 0;
    if (*at == '.') {
        precision = std::strspn(at + 1, "0123456789");
        at += 1 + precision;
    }
    if (width > 2 || precision > 2) luaL_error(L, "string.format takes a width and precision up to 99");
    return at;
}

// What %s shows must not be an address, so everything but texts and numbers becomes text here.
void replaceByText(lua_State* L, int index) {
    const int type = lua_type(L, index);
    if (type == LUA_TSTRING || type == LUA_TNUMBER || type == LUA_TNONE) return;
    pushText(L, index, nullptr);
    lua_replace(L, index);
}

void checkFormat(lua_State* L, const char* at, const char* end) {
    int argument = 1;
    int directives = 0;
    while (at < end) {
        if (*at++ != '%') continue;
        if (*at == '%') {
            ++at;
            continue;
        }
        if (++directives > kMaxDirectives) luaL_error(L, "string.format takes at most 64 directives");
        at = skipModifiers(L, at);
        ++argument;
        if (*at == 'p') luaL_error(L, "string.format has no %%p in scripts");
        if (*at == 's') replaceByText(L, argument);
        if (at < end) ++at;
    }
}

int format(lua_State* L) {
    std::size_t size = 0;
    const char* const pattern = luaL_checklstring(L, 1, &size);
    meter().charge(size / 16 + 1);
    checkFormat(L, pattern, pattern + size);
    return lua_tocfunction(L, lua_upvalueindex(1))(L);
}

// "10" + 1 works in Lua through the metatable of texts; ours has those functions and nothing else of it.
void setStringMetatable(lua_State* L) {
    constexpr const char* kArithmetic[] = {"__add", "__sub",  "__mul", "__mod", "__pow",
                                           "__div", "__idiv", "__unm", nullptr};
    lua_pushliteral(L, "");
    lua_getmetatable(L, -1);
    lua_createtable(L, 0, 9);
    lua_insert(L, -2);
    copyCharged(L, kArithmetic);
    lua_pop(L, 1);
    lua_pushvalue(L, -3);
    lua_setfield(L, -2, "__index");
    lua_setmetatable(L, -2);
    lua_pop(L, 1);
}

}  // namespace

void openString(lua_State* L) {
    constexpr const char* kAllowed[] = {"char", "len", nullptr};
    constexpr const char* kCharged[] = {"byte", "lower", "reverse", "sub", "upper", nullptr};
    constexpr luaL_Reg kOurs[] = {{"find", &stringFind},   {"gmatch", &stringGmatch}, {"gsub", &stringGsub},
                                  {"match", &stringMatch}, {"rep", &repeat},          {nullptr, nullptr}};
    lua_newtable(L);
    luaopen_string(L);
    copyAllowed(L, kAllowed);
    copyCharged(L, kCharged);
    lua_getfield(L, -1, "format");
    lua_pushcclosure(L, &format, 1);
    lua_setfield(L, -3, "format");
    lua_pop(L, 1);
    luaL_setfuncs(L, kOurs, 0);
    setStringMetatable(L);
    setReadOnlyGlobal(L, "string");
}

}  // namespace signalbox::worker

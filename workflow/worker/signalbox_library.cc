#include <cstdio>
#include <cstring>
#include <lua.hpp>

#include "workflow/worker/json.h"
#include "workflow/worker/library.h"
#include "workflow/worker/meter.h"
#include "workflow/worker/modules.h"
#include "workflow/worker/protocol.h"

namespace signalbox::worker {
namespace {

// ---- log, chance
// --------------------------------------------------------------------------------------------

void addToLog(CallContext& call, const char* text, std::size_t size) {
    constexpr char kFull[] = "(the log is full)\n";
    if (call.is_log_full) return;
    call.is_log_full = size + 1 > kMaxLog - sizeof kFull - call.log_size;
    if (call.is_log_full) {
        text = kFull;
        size = sizeof kFull - 2;
    }
    std::memcpy(call.log + call.log_size, text, size);
    call.log_size += size;
    call.log[call.log_size++] = '\n';
}

int log(lua_State* L) {
    const int count = lua_gettop(L);
    luaL_Buffer line;
    luaL_buffinit(L, &line);
    for (int i = 1; i <= count; ++i) {
        if (i > 1) luaL_addchar(&line, ' ');
        pushText(L, i, nullptr);
        luaL_addvalue(&line);
    }
    luaL_pushresult(&line);
    std::size_t size = 0;
    const char* const text = lua_tolstring(L, -1, &size);
    addToLog(callContext(), text, size);
    return 0;
}

std::uint64_t rotated(std::uint64_t x, int by) {
    return x << by | x >> (64 - by);
}

// xoroshiro128+
std::uint64_t nextRandom() {
    auto& state = callContext().random_state;
    const std::uint64_t a = state[0], out = state[0] + state[1], b = state[1] ^ a;
    state[0] = rotated(a, 24) ^ b ^ (b << 16);
    state[1] = rotated(b, 37);
    return out;
}

// As math.random: a float in [0, 1), a whole number in 1 … n, or in m … n.
int random(lua_State* L) {
    const std::uint64_t dice = nextRandom();
    const int given = lua_gettop(L);
    if (given == 0) {
        lua_pushnumber(L, static_cast<lua_Number>(dice >> 11) * 0x1p-53);
        return 1;
    }
    const lua_Integer low = given == 1 ? 1 : luaL_checkinteger(L, 1);
    const lua_Integer high = luaL_checkinteger(L, given == 1 ? 1 : 2);
    luaL_argcheck(L, low <= high, given == 1 ? 1 : 2, "interval is empty");
    const auto span = static_cast<lua_Unsigned>(high) - static_cast<lua_Unsigned>(low);
    const lua_Unsigned step = span == LUA_MAXUNSIGNED ? dice : dice % (span + 1);
    lua_pushinteger(L, static_cast<lua_Integer>(static_cast<lua_Unsigned>(low) + step));
    return 1;
}

// Version 4 in form; from the run's seed, so a repeated step makes the same one.
int uuid(lua_State* L) {
    const std::uint64_t high = (nextRandom() & ~std::uint64_t{0xF000}) | 0x4000;
    const std::uint64_t low = (nextRandom() & ~(std::uint64_t{3} << 62)) | std::uint64_t{2} << 62;
    char text[40];
    std::snprintf(text, sizeof text, "%08x-%04x-%04x-%04x-%012llx", static_cast<unsigned>(high >> 32),
                  static_cast<unsigned>(high >> 16 & 0xFFFF), static_cast<unsigned>(high & 0xFFFF),
                  static_cast<unsigned>(low >> 48), static_cast<unsigned long long>(low & 0xFFFFFFFFFFFF));
    lua_pushstring(L, text);
    return 1;
}

// ---- lists, JSON
// --------------------------------------------------------------------------------------------------

int asList(lua_State* L) {
    lua_settop(L, 1);
    if (lua_isnil(L, 1)) {
        lua_newtable(L);
        lua_replace(L, 1);
    }
    luaL_checktype(L, 1, LUA_TTABLE);
    markAsList(L, 1);
    return 1;
}

int encodeJson(lua_State* L) {
    luaL_checkany(L, 1);
    lua_settop(L, 1);
    char* const space = callContext().json;  // nothing is written there while a script runs but here
    const std::size_t size = writeJson(L, "value", 1, space, kMaxResult);
    lua_pushlstring(L, space, size);
    return 1;
}

int decodeJson(lua_State* L) {
    std::size_t size = 0;
    const char* const text = luaL_checklstring(L, 1, &size);
    luaL_argcheck(L, size <= kMaxItem, 1, "text longer than 1 MiB");
    pushJson(L, "json.decode", text, size);
    return 1;
}

// ---- encodings
// ----------------------------------------------------------------------------------------------------

constexpr char kAlphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

int encodeBase64(lua_State* L) {
    std::size_t size = 0;
    const auto* const bytes = reinterpret_cast<const unsigned char*>(luaL_checklstring(L, 1, &size));
    meter().charge(size / 16 + 1);
    luaL_Buffer out;
    char* at = luaL_buffinitsize(L, &out, (size + 2) / 3 * 4);
    for (std::size_t i = 0; i < size; i += 3) {
        const unsigned second = i + 1 < size ? bytes[i + 1] : 0, third = i + 2 < size ? bytes[i + 2] : 0;
        const unsigned bits = static_cast<unsigned>(bytes[i]) << 16 | second << 8 | third;
        *at++ = kAlphabet[bits >> 18];
        *at++ = kAlphabet[bits >> 12 & 63];
        *at++ = i + 1 < size ? kAlphabet[bits >> 6 & 63] : '=';
        *at++ = i + 2 < size ? kAlphabet[bits & 63] : '=';
    }
    luaL_pushresultsize(&out, (size + 2) / 3 * 4);
    return 1;
}

int base64Value(char c) {
    if (c == '-') return 62;
    if (c == '_') return 63;
    const char* const found = c == '\0' ? nullptr : std::strchr(kAlphabet, c);
    return found == nullptr ? -1 : static_cast<int>(found - kAlphabet);
}

// Either alphabet, padding optional; nil for anything else.
int decodeBase64(lua_State* L) {
    std::size_t size = 0;
    const char* const text = luaL_checklstring(L, 1, &size);
    meter().charge(size + 1);
    while (size > 0 && text[size - 1] == '=') --size;
    luaL_Buffer out;
    char* at = luaL_buffinitsize(L, &out, size / 4 * 3 + 3);
    unsigned bits = 0;
    int have = 0;
    for (std::size_t i = 0; i < size; ++i) {
        const int value = base64Value(text[i]);
        if (value < 0 || size % 4 == 1) {
            lua_pushnil(L);
            return 1;
        }
        bits = bits << 6 | static_cast<unsigned>(value);
        have += 6;
        if (have < 8) continue;
        have -= 8;
        *at++ = static_cast<char>(bits >> have & 255);
    }
    luaL_pushresultsize(&out, size * 6 / 8);
    return 1;
}

bool isUnreserved(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '~';
}

int encodeUrl(lua_State* L) {
    std::size_t size = 0;
    const char* const text = luaL_checklstring(L, 1, &size);
    meter().charge(size / 4 + 1);
    constexpr char kHex[] = "0123456789ABCDEF";
    luaL_Buffer out;
    luaL_buffinit(L, &out);
    for (std::size_t i = 0; i < size; ++i) {
        const auto c = static_cast<unsigned char>(text[i]);
        if (isUnreserved(text[i])) {
            luaL_addchar(&out, text[i]);
            continue;
        }
        luaL_addchar(&out, '%');
        luaL_addchar(&out, kHex[c >> 4]);
        luaL_addchar(&out, kHex[c & 15]);
    }
    luaL_pushresult(&out);
    return 1;
}

int hexValue(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    c = static_cast<char>(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

// A % that is not followed by two digits stays as it is.
int decodeUrl(lua_State* L) {
    std::size_t size = 0;
    const char* const text = luaL_checklstring(L, 1, &size);
    meter().charge(size / 4 + 1);
    luaL_Buffer out;
    luaL_buffinit(L, &out);
    for (std::size_t i = 0; i < size; ++i) {
        const bool is_escape =
            text[i] == '%' && i + 2 < size && hexValue(text[i + 1]) >= 0 && hexValue(text[i + 2]) >= 0;
        luaL_addchar(&out, is_escape ? static_cast<char>(hexValue(text[i + 1]) << 4 | hexValue(text[i + 2]))
                                     : text[i]);
        if (is_escape) i += 2;
    }
    luaL_pushresult(&out);
    return 1;
}

}  // namespace

CallContext& callContext() {
    static CallContext the_only_one;
    return the_only_one;
}

void seedRandom(CallContext& context, std::uint64_t seed) {
    for (auto& part : context.random_state) {  // splitmix64: neighbouring seeds give unlike streams
        seed += 0x9E3779B97F4A7C15;
        std::uint64_t x = seed;
        x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9;
        x = (x ^ x >> 27) * 0x94D049BB133111EB;
        part = x ^ x >> 31;
    }
}

void openSignalbox(lua_State* L) {
    constexpr luaL_Reg kFunctions[] = {{"log", &log},
                                       {"random", &random},
                                       {"uuid", &uuid},
                                       {"list", &asList},
                                       {"use", &useModule},
                                       {"base64", &encodeBase64},
                                       {"base64_decode", &decodeBase64},
                                       {"url_encode", &encodeUrl},
                                       {"url_decode", &decodeUrl},
                                       {nullptr, nullptr}};
    constexpr luaL_Reg kJson[] = {{"encode", &encodeJson}, {"decode", &decodeJson}, {nullptr, nullptr}};
    luaL_newlib(L, kFunctions);
    addDates(L);
    addWishes(L);
    pushNull(L);
    lua_setfield(L, -2, "null");
    pushRegex(L);
    lua_setfield(L, -2, "regex");
    luaL_newlib(L, kJson);
    makeReadOnly(L, "signalbox.json");
    lua_setfield(L, -2, "json");
    setReadOnlyGlobal(L, "signalbox");
}

}  // namespace signalbox::worker

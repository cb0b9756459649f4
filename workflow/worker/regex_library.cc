// signalbox.regex: RE2, whose time grows with the text and never with the pattern. Compiled patterns are kept
// from call to call; a script cannot tell. RE2's objects live outside of every function that Lua may leave by
// a jump: here there are only pointers into them and into the text, which stays on Lua's stack.
#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <lua.hpp>
#include <memory>

#include "workflow/worker/library.h"
#include "workflow/worker/meter.h"

namespace signalbox::worker {
namespace {

constexpr std::size_t kMaxPattern = 1024, kMaxSubject = 1 << 20;
constexpr int kMaxGroups = 16;
constexpr std::size_t kCompileCost = 20'000;  // instructions

struct Compiled {
    std::string pattern;
    std::unique_ptr<re2::RE2> regex;
};
std::array<Compiled, 16> cache;
std::size_t next_in_cache = 0;

// The fault's text, or nothing.
const char* compile(const char* pattern, std::size_t size, re2::RE2*& out) noexcept {
    static char fault[256];
    const re2::StringPiece wanted(pattern, size);
    for (auto& known : cache) {
        if (known.regex && known.pattern == wanted) {
            out = known.regex.get();
            return nullptr;
        }
    }
    re2::RE2::Options options;
    options.set_log_errors(false);
    options.set_max_mem(1 << 20);
    auto made = std::make_unique<re2::RE2>(wanted, options);
    if (!made->ok() || made->NumberOfCapturingGroups() >= kMaxGroups) {
        const std::string why = made->ok() ? "more than 15 groups" : made->error();
        std::strncpy(fault, why.c_str(), sizeof fault - 1);
        return fault;
    }
    Compiled& place = cache[next_in_cache++ % cache.size()];
    place.pattern.assign(pattern, size);
    place.regex = std::move(made);
    out = place.regex.get();
    return nullptr;
}

struct Subject {
    const char* text = nullptr;
    std::size_t size = 0;
    re2::RE2* regex = nullptr;
};

// Arguments 1 and 2: the text and the pattern.
Subject subjectOf(lua_State* L) {
    Subject out;
    std::size_t pattern_size = 0;
    out.text = luaL_checklstring(L, 1, &out.size);
    const char* const pattern = luaL_checklstring(L, 2, &pattern_size);
    luaL_argcheck(L, out.size <= kMaxSubject, 1, "text longer than 1 MiB");
    luaL_argcheck(L, pattern_size <= kMaxPattern, 2, "pattern longer than 1 KiB");
    meter().charge(kCompileCost / 16 + out.size / 2);
    if (const char* const fault = compile(pattern, pattern_size, out.regex); fault != nullptr) {
        meter().charge(kCompileCost);
        luaL_error(L, "regex: %s", fault);
    }
    return out;
}

using Groups = re2::StringPiece[kMaxGroups];

bool matchFrom(const Subject& subject, std::size_t at, Groups& groups) noexcept {
    return subject.regex->Match(re2::StringPiece(subject.text, subject.size), at, subject.size,
                                re2::RE2::UNANCHORED, groups, 1 + subject.regex->NumberOfCapturingGroups());
}

std::size_t beginOf(const Subject& subject, const re2::StringPiece& piece) {
    return static_cast<std::size_t>(piece.data() - subject.text);
}

void pushPiece(lua_State* L, const re2::StringPiece& piece) {
    if (piece.data() == nullptr) {
        lua_pushboolean(L, 0);  // a group that took no part: false, so that lists have no gaps
    } else {
        lua_pushlstring(L, piece.data(), piece.size());
    }
}

// {whole match, groups as a list, and by name}: {text = …, groups = {…}, first = 1, last = 3, name = …}
void pushMatch(lua_State* L, const Subject& subject, const Groups& groups) {
    const int count = subject.regex->NumberOfCapturingGroups();
    lua_createtable(L, 0, 4);
    pushPiece(L, groups[0]);
    lua_setfield(L, -2, "text");
    lua_pushinteger(L, static_cast<lua_Integer>(beginOf(subject, groups[0]) + 1));
    lua_setfield(L, -2, "first");
    lua_pushinteger(L, static_cast<lua_Integer>(beginOf(subject, groups[0]) + groups[0].size()));
    lua_setfield(L, -2, "last");
    lua_createtable(L, count, 0);
    for (int i = 1; i <= count; ++i) {
        pushPiece(L, groups[i]);
        lua_rawseti(L, -2, i);
    }
    for (const auto& [name, index] : subject.regex->NamedCapturingGroups()) {
        pushPiece(L, groups[index]);
        lua_setfield(L, -2, name.c_str());
    }
    lua_setfield(L, -2, "groups");
}

int test(lua_State* L) {
    const Subject subject = subjectOf(L);
    Groups groups;
    lua_pushboolean(L, matchFrom(subject, 0, groups));
    return 1;
}

int match(lua_State* L) {
    const Subject subject = subjectOf(L);
    Groups groups;
    if (!matchFrom(subject, 0, groups)) return 0;
    pushMatch(L, subject, groups);
    return 1;
}

// Where the next match may begin: an empty one takes a character along.
std::size_t behind(const Subject& subject, const re2::StringPiece& whole) {
    std::size_t at = beginOf(subject, whole) + whole.size();
    if (!whole.empty()) return at;
    for (++at; at < subject.size && (static_cast<unsigned char>(subject.text[at]) & 0xC0) == 0x80; ++at) {
    }
    return at;
}

int all(lua_State* L) {
    const Subject subject = subjectOf(L);
    lua_newtable(L);
    markAsList(L, lua_gettop(L));
    Groups groups;
    lua_Integer count = 0;
    for (std::size_t at = 0; at <= subject.size && matchFrom(subject, at, groups);) {
        meter().charge(32 + (beginOf(subject, groups[0]) - at) / 4);
        pushMatch(L, subject, groups);
        lua_rawseti(L, -2, ++count);
        at = behind(subject, groups[0]);
    }
    return 1;
}

int split(lua_State* L) {
    const Subject subject = subjectOf(L);
    lua_newtable(L);
    markAsList(L, lua_gettop(L));
    Groups groups;
    lua_Integer count = 0;
    std::size_t from = 0;
    for (std::size_t at = 0; at < subject.size && matchFrom(subject, at, groups);) {
        meter().charge(16 + (beginOf(subject, groups[0]) - at) / 4);
        at = behind(subject, groups[0]);
        if (groups[0].empty()) continue;
        lua_pushlstring(L, subject.text + from, beginOf(subject, groups[0]) - from);
        lua_rawseti(L, -2, ++count);
        from = at;
    }
    lua_pushlstring(L, subject.text + from, subject.size - from);
    lua_rawseti(L, -2, ++count);
    return 1;
}

// \0 is the match, \1 … \9 are its groups, \\ is a backslash.
void addReplacement(luaL_Buffer* out, const char* text, std::size_t size, const Groups& groups, int count) {
    for (std::size_t i = 0; i < size; ++i) {
        if (text[i] != '\\' || i + 1 == size) {
            luaL_addchar(out, text[i]);
            continue;
        }
        const char next = text[++i];
        const int group = next - '0';
        if (next < '0' || next > '9') {
            luaL_addchar(out, next);
        } else if (group <= count && groups[group].data() != nullptr) {
            luaL_addlstring(out, groups[group].data(), groups[group].size());
        }
    }
}

int replace(lua_State* L) {
    const Subject subject = subjectOf(L);
    std::size_t size = 0;
    const char* const replacement = luaL_checklstring(L, 3, &size);
    const int count = subject.regex->NumberOfCapturingGroups();
    luaL_Buffer out;
    luaL_buffinit(L, &out);
    Groups groups;
    lua_Integer made = 0;
    std::size_t from = 0;
    for (std::size_t at = 0; at <= subject.size && matchFrom(subject, at, groups);) {
        const std::size_t begin = beginOf(subject, groups[0]);
        meter().charge(16 + (begin - at) / 4 + size + groups[0].size());
        luaL_addlstring(&out, subject.text + from, begin - from);
        addReplacement(&out, replacement, size, groups, count);
        if (luaL_bufflen(&out) > kMaxMadeText)
            return luaL_error(L, "regex.replace: the text grows over 8 MiB");
        from = begin + groups[0].size();
        at = behind(subject, groups[0]);
        ++made;
    }
    luaL_addlstring(&out, subject.text + from, subject.size - from);
    luaL_pushresult(&out);
    lua_pushinteger(L, made);
    return 2;
}

}  // namespace

void pushRegex(lua_State* L) {
    constexpr luaL_Reg kFunctions[] = {{"test", &test},   {"match", &match},     {"all", &all},
                                       {"split", &split}, {"replace", &replace}, {nullptr, nullptr}};
    luaL_newlib(L, kFunctions);
    makeReadOnly(L, "signalbox.regex");
}

}  // namespace signalbox::worker

#include <cstring>
#include <lua.hpp>
#include <new>

#include "workflow/worker/library.h"
#include "workflow/worker/meter.h"
#include "workflow/worker/pattern.h"

namespace signalbox::worker {
namespace {

constexpr std::size_t kMaxSubject = 1 << 20, kMaxPattern = 1024;

struct Text {
    const char* data;
    std::size_t size;
};

Text subjectAt(lua_State* L, int index) {
    Text text{};
    text.data = luaL_checklstring(L, index, &text.size);
    if (text.size > kMaxSubject) luaL_argerror(L, index, "text longer than 1 MiB");
    return text;
}

Text patternAt(lua_State* L, int index) {
    Text text{};
    text.data = luaL_checklstring(L, index, &text.size);
    if (text.size > kMaxPattern) luaL_argerror(L, index, "pattern longer than 1 KiB");
    return text;
}

// Where the search begins, counted from 0; beyond `size` when it is behind the end.
std::size_t startAt(lua_State* L, int index, std::size_t size) {
    const lua_Integer place = luaL_optinteger(L, index, 1);
    if (place > 0) return static_cast<std::size_t>(place) - 1;
    if (place == 0 || place < -static_cast<lua_Integer>(size)) return 0;
    return size - static_cast<std::size_t>(-place);
}

bool isPlain(Text pattern) {
    for (std::size_t i = 0; i < pattern.size; ++i)
        if (pattern.data[i] != '\0' && std::strchr("^$*+?.([%-", pattern.data[i]) != nullptr) return false;
    return true;
}

int findPlain(lua_State* L, Text subject, Text wanted, std::size_t start) {
    meter().charge((subject.size - start) / 16 + 1);
    const void* const found = memmem(subject.data + start, subject.size - start, wanted.data, wanted.size);
    if (found == nullptr) {
        lua_pushnil(L);
        return 1;
    }
    const auto at = static_cast<const char*>(found) - subject.data;
    lua_pushinteger(L, at + 1);
    lua_pushinteger(L, at + static_cast<std::ptrdiff_t>(wanted.size));
    return 2;
}

enum class Wanted { Places, Captures };

int search(lua_State* L, Wanted wanted) {
    const Text subject = subjectAt(L, 1);
    const bool is_literal = wanted == Wanted::Places && lua_toboolean(L, 4);
    Text pattern = is_literal ? subjectAt(L, 2) : patternAt(L, 2);
    const std::size_t start = startAt(L, 3, subject.size);
    if (start > subject.size) {
        lua_pushnil(L);
        return 1;
    }
    if (is_literal || (wanted == Wanted::Places && isPlain(pattern)))
        return findPlain(L, subject, pattern, start);
    const bool is_anchored = pattern.size > 0 && pattern.data[0] == '^';
    if (is_anchored) pattern = {pattern.data + 1, pattern.size - 1};
    Matcher matcher(L, subject.data, subject.size, pattern.data, pattern.size);
    for (const char* from = subject.data + start; from <= matcher.end(); ++from) {
        const char* const to = matcher.matchAt(from);
        if (to == nullptr && !is_anchored) continue;
        matcher.settle();
        if (to == nullptr) break;
        if (wanted == Wanted::Captures) return matcher.pushCaptures(from, to);
        lua_pushinteger(L, from - subject.data + 1);
        lua_pushinteger(L, to - subject.data);
        return 2 + matcher.pushOnlyCaptures();
    }
    matcher.settle();
    lua_pushnil(L);
    return 1;
}

// Upvalues: subject, pattern, where to go on, where the last match ended.
int nextMatch(lua_State* L) {
    Text subject{}, pattern{};
    subject.data = lua_tolstring(L, lua_upvalueindex(1), &subject.size);
    pattern.data = lua_tolstring(L, lua_upvalueindex(2), &pattern.size);
    const auto last_end = lua_tointeger(L, lua_upvalueindex(4));
    Matcher matcher(L, subject.data, subject.size, pattern.data, pattern.size);
    for (auto at = lua_tointeger(L, lua_upvalueindex(3)); at <= static_cast<lua_Integer>(subject.size);
         ++at) {
        const char* const to = matcher.matchAt(subject.data + at);
        if (to == nullptr || to - subject.data == last_end) continue;
        matcher.settle();
        lua_pushinteger(L, to - subject.data);
        lua_copy(L, -1, lua_upvalueindex(3));
        lua_replace(L, lua_upvalueindex(4));
        return matcher.pushCaptures(subject.data + at, to);
    }
    matcher.settle();
    return 0;
}

// ---- gsub
// ---------------------------------------------------------------------------------------------------------

// The third argument of gsub as a text, with %0 … %9 in it.
void addTemplate(lua_State* L, luaL_Buffer* out, Matcher& matcher, const char* from, const char* to) {
    Text text{};
    text.data = lua_tolstring(L, 3, &text.size);
    for (std::size_t i = 0; i < text.size; ++i) {
        if (text.data[i] != '%') {
            luaL_addchar(out, text.data[i]);
            continue;
        }
        const char c = ++i < text.size ? text.data[i] : '\0';
        if (c == '%') {
            luaL_addchar(out, c);
        } else if (c == '0') {
            luaL_addlstring(out, from, static_cast<std::size_t>(to - from));
        } else if (c >= '1' && c <= '9') {
            matcher.pushCapture(c - '1', from, to);
            luaL_tolstring(L, -1, nullptr);  // a position is a number
            lua_remove(L, -2);
            luaL_addvalue(out);
        } else {
            luaL_error(L, "invalid use of '%%' in replacement string");
        }
    }
}

// Whether the match was replaced, not kept.
bool addReplacement(lua_State* L, luaL_Buffer* out, Matcher& matcher, const char* from, const char* to) {
    switch (lua_type(L, 3)) {
        case LUA_TFUNCTION:
            lua_pushvalue(L, 3);
            lua_call(L, matcher.pushCaptures(from, to), 1);
            break;
        case LUA_TTABLE:
            matcher.pushCapture(0, from, to);
            lua_gettable(L, 3);
            break;
        default:
            addTemplate(L, out, matcher, from, to);
            return true;
    }
    if (!lua_toboolean(L, -1)) {
        lua_pop(L, 1);
        luaL_addlstring(out, from, static_cast<std::size_t>(to - from));
        return false;
    }
    if (!lua_isstring(L, -1)) luaL_error(L, "invalid replacement value (a %s)", luaL_typename(L, -1));
    luaL_addvalue(out);
    return true;
}

void checkReplacement(lua_State* L) {
    const int type = lua_type(L, 3);
    const bool is_fine =
        type == LUA_TNUMBER || type == LUA_TSTRING || type == LUA_TTABLE || type == LUA_TFUNCTION;
    luaL_argexpected(L, is_fine, 3, "string/function/table");
}

}  // namespace

int stringFind(lua_State* L) {
    return search(L, Wanted::Places);
}
int stringMatch(lua_State* L) {
    return search(L, Wanted::Captures);
}

int stringGmatch(lua_State* L) {
    const Text subject = subjectAt(L, 1);
    patternAt(L, 2);
    std::size_t start = startAt(L, 3, subject.size);
    if (start > subject.size) start = subject.size + 1;
    lua_settop(L, 2);
    lua_pushinteger(L, static_cast<lua_Integer>(start));
    lua_pushinteger(L, -1);
    lua_pushcclosure(L, &nextMatch, 4);
    return 1;
}

int stringGsub(lua_State* L) {
    const Text subject = subjectAt(L, 1);
    Text pattern = patternAt(L, 2);
    checkReplacement(L);
    const lua_Integer limit = luaL_optinteger(L, 4, static_cast<lua_Integer>(subject.size) + 1);
    const bool is_anchored = pattern.size > 0 && pattern.data[0] == '^';
    if (is_anchored) pattern = {pattern.data + 1, pattern.size - 1};
    Matcher matcher(L, subject.data, subject.size, pattern.data, pattern.size);
    luaL_Buffer out;
    luaL_buffinit(L, &out);
    const char* at = subject.data;
    const char* last_end = nullptr;
    lua_Integer count = 0;
    while (count < limit) {
        const char* const to = matcher.matchAt(at);
        if (to != nullptr && to != last_end) {
            ++count;
            addReplacement(L, &out, matcher, at, to);
            at = last_end = to;
        } else if (at < matcher.end()) {
            luaL_addchar(&out, *at++);
        } else {
            break;
        }
        if (luaL_bufflen(&out) > kMaxMadeText) luaL_error(L, "the result of gsub grows over 8 MiB");
        if (is_anchored) break;
    }
    matcher.settle();
    luaL_addlstring(&out, at, static_cast<std::size_t>(matcher.end() - at));
    luaL_pushresult(&out);
    lua_pushinteger(L, count);
    return 2;
}

}  // namespace signalbox::worker

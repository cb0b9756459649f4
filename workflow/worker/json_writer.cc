#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <lua.hpp>

#include "workflow/worker/json.h"
#include "workflow/worker/library.h"
#include "workflow/worker/meter.h"

namespace signalbox::worker {
namespace {

class Writer {
public:
    Writer(lua_State* L, const char* what, char* out, std::size_t capacity)
        : L_(L), what_(what), out_(out), capacity_(capacity) {}

    std::size_t run(int index) {
        value(lua_absindex(L_, index));
        return size_;
    }

private:
    struct Step {
        const char* key;  // or nullptr
        lua_Integer index;
    };

    [[noreturn]] void fail(const char* why) const {
        char path[256];
        int used = std::snprintf(path, sizeof path, "%s", what_);
        for (int i = 0; i < depth_ && used < 200; ++i) {
            const Step& step = steps_[i];
            used += step.key != nullptr
                        ? std::snprintf(path + used, sizeof path - static_cast<std::size_t>(used), ".%.40s",
                                        step.key)
                        : std::snprintf(path + used, sizeof path - static_cast<std::size_t>(used), "[%lld]",
                                        static_cast<long long>(step.index));
        }
        luaL_error(L_, "%s: %s", path, why);
        __builtin_unreachable();
    }

    void put(const char* bytes, std::size_t count) {
        if (count > capacity_ - size_) fail("more than 1 MiB of JSON; return less, or references");
        std::memcpy(out_ + size_, bytes, count);
        size_ += count;
    }
    void put(char c) { put(&c, 1); }

    void value(int index) {
        meter().charge(1);
        luaL_checkstack(L_, 6, "JSON");
        switch (lua_type(L_, index)) {
            case LUA_TNIL:
            case LUA_TLIGHTUSERDATA:
                return put("null", 4);
            case LUA_TBOOLEAN:
                return lua_toboolean(L_, index) != 0 ? put("true", 4) : put("false", 5);
            case LUA_TNUMBER:
                return number(index);
            case LUA_TSTRING:
                return string(index);
            case LUA_TTABLE:
                return table(index);
            default:
                return fail(lua_type(L_, index) == LUA_TFUNCTION ? "a function is not data"
                                                                 : "a library is not data");
        }
    }

    void number(int index) {
        char text[32];
        std::to_chars_result end{};
        if (lua_isinteger(L_, index)) {
            end = std::to_chars(text, text + sizeof text, lua_tointeger(L_, index));
        } else {
            const lua_Number number = lua_tonumber(L_, index);
            if (!std::isfinite(number)) fail("not a number (nan or infinite); JSON has no such value");
            end = std::to_chars(text, text + sizeof text, number);
        }
        put(text, static_cast<std::size_t>(end.ptr - text));
    }

    void string(int index) {
        std::size_t size = 0;
        const char* const text = lua_tolstring(L_, index, &size);
        if (size > capacity_) fail("more than 1 MiB of JSON; return less, or references");
        if (utf8Prefix(text, size) != size)
            fail("bytes that are no UTF-8; encode them with signalbox.base64");
        meter().charge(size / 16);
        put('"');
        std::size_t begin = 0;
        for (std::size_t i = 0; i < size; ++i) {
            const auto c = static_cast<unsigned char>(text[i]);
            if (c >= 0x20 && c != '"' && c != '\\') continue;
            put(text + begin, i - begin);
            escape(text[i]);
            begin = i + 1;
        }
        put(text + begin, size - begin);
        put('"');
    }

    void escape(char c) {
        if (c == '"' || c == '\\') {
            const char two[] = {'\\', c};
            return put(two, 2);
        }
        char text[8];
        std::snprintf(text, sizeof text, "\\u%04x", static_cast<unsigned>(c));
        put(text, 6);
    }

    void table(int index) {
        if (depth_ == kMaxJsonDepth) fail("nested deeper than 32, or in itself");
        const bool is_marked = isMarkedAsList(L_, index);
        const auto length = static_cast<lua_Integer>(lua_rawlen(L_, index));
        if (is_marked || length > 0) return list(index, length);
        object(index);
    }

    void list(int index, lua_Integer length) {
        checkKeys(index, length);
        put('[');
        ++depth_;
        for (lua_Integer i = 1; i <= length; ++i) {
            if (i > 1) put(',');
            steps_[depth_ - 1] = {nullptr, i};
            lua_rawgeti(L_, index, i);
            value(lua_gettop(L_));
            lua_pop(L_, 1);
        }
        --depth_;
        put(']');
    }

    // A list has the keys 1 … n and no other.
    void checkKeys(int index, lua_Integer length) {
        meter().charge(static_cast<std::uint64_t>(length));
        lua_Integer count = 0;
        lua_pushnil(L_);
        for (; lua_next(L_, index) != 0; lua_pop(L_, 1)) {
            if (!lua_isinteger(L_, -2)) fail("a table with both a list and names; return one or the other");
            ++count;
        }
        if (count != length) fail("a list with holes; fill them with signalbox.null");
    }

    void object(int index) {
        put('{');
        ++depth_;
        bool is_first = true;
        lua_pushnil(L_);
        for (; lua_next(L_, index) != 0; lua_pop(L_, 1)) {
            if (lua_type(L_, -2) != LUA_TSTRING) {
                --depth_;
                fail(lua_isinteger(L_, -2) ? "a list with holes; fill them with signalbox.null"
                                           : "a key that is no text");
            }
            if (!is_first) put(',');
            is_first = false;
            steps_[depth_ - 1] = {lua_tostring(L_, -2), 0};
            string(lua_absindex(L_, -2));
            put(':');
            value(lua_gettop(L_));
        }
        --depth_;
        put('}');
    }

    lua_State* L_;
    const char* what_;
    char* out_;
    std::size_t capacity_;
    std::size_t size_ = 0;
    int depth_ = 0;
    Step steps_[kMaxJsonDepth];
};

}  // namespace

std::size_t writeJson(lua_State* L, const char* what, int index, char* out, std::size_t capacity) {
    return Writer(L, what, out, capacity).run(index);
}

std::size_t utf8Prefix(const char* text, std::size_t size) {
    std::size_t i = 0;
    while (i < size) {
        const auto lead = static_cast<unsigned char>(text[i]);
        const std::size_t length = lead < 0x80                   ? 1
                                   : lead >= 0xC2 && lead < 0xE0 ? 2
                                   : lead >= 0xE0 && lead < 0xF0 ? 3
                                   : lead >= 0xF0 && lead < 0xF5 ? 4
                                                                 : 0;
        if (length == 0 || length > size - i) return i;
        for (std::size_t n = 1; n < length; ++n)
            if ((static_cast<unsigned char>(text[i + n]) & 0xC0) != 0x80) return i;
        const auto second = length > 1 ? static_cast<unsigned char>(text[i + 1]) : 0;
        const bool is_bad = (lead == 0xE0 && second < 0xA0) || (lead == 0xED && second > 0x9F) ||
                            (lead == 0xF0 && second < 0x90) || (lead == 0xF4 && second > 0x8F);
        if (is_bad) return i;
        i += length;
    }
    return size;
}

}  // namespace signalbox::worker

#include <charconv>
#include <cstring>
#include <lua.hpp>

#include "workflow/worker/json.h"
#include "workflow/worker/library.h"
#include "workflow/worker/meter.h"

namespace signalbox::worker {
namespace {

bool isDigit(char c) {
    return c >= '0' && c <= '9';
}

class Reader {
public:
    Reader(lua_State* L, const char* what, const char* text, std::size_t size)
        : L_(L), what_(what), begin_(text), at_(text), end_(text + size) {}

    void run() {
        skipSpace();
        value();
        skipSpace();
        if (at_ != end_) fail("not valid JSON");
    }

private:
    [[noreturn]] void fail(const char* why) const {
        luaL_error(L_, "%s: %s at byte %d", what_, why, static_cast<int>(at_ - begin_ + 1));
        __builtin_unreachable();
    }
    bool has() const { return at_ < end_; }
    void skipSpace() {
        while (has() && (*at_ == ' ' || *at_ == '\n' || *at_ == '\r' || *at_ == '\t')) ++at_;
    }
    bool takes(char c) {
        if (!has() || *at_ != c) return false;
        ++at_;
        return true;
    }

    void value() {
        luaL_checkstack(L_, 4, "JSON");
        if (!has()) fail("not valid JSON");
        switch (*at_) {
            case '{':
                return object();
            case '[':
                return list();
            case '"':
                return string();
            case 't':
                word("true");
                return lua_pushboolean(L_, 1);
            case 'f':
                word("false");
                return lua_pushboolean(L_, 0);
            case 'n':
                word("null");
                return pushNull(L_);
            default:
                return number();
        }
    }

    void word(const char* expected) {
        const std::size_t size = std::strlen(expected);
        if (static_cast<std::size_t>(end_ - at_) < size || std::memcmp(at_, expected, size) != 0)
            fail("not valid JSON");
        at_ += size;
    }

    void enter() {
        ++at_;
        if (++depth_ > kMaxJsonDepth) fail("nested deeper than 32");
        skipSpace();
    }

    void object() {
        enter();
        lua_newtable(L_);
        for (bool is_first = true; !takes('}'); is_first = false) {
            if (!is_first) separator();
            if (!has() || *at_ != '"') fail("not valid JSON");
            string();
            skipSpace();
            if (!takes(':')) fail("not valid JSON");
            skipSpace();
            value();
            if (lua_islightuserdata(L_, -1))
                lua_pop(L_, 2);
            else
                lua_rawset(L_, -3);
            skipSpace();
        }
        --depth_;
    }

    void list() {
        enter();
        lua_newtable(L_);
        markAsList(L_, -1);
        for (lua_Integer i = 1; !takes(']'); ++i) {
            if (i > 1) separator();
            value();
            lua_rawseti(L_, -2, i);
            skipSpace();
        }
        --depth_;
    }

    void separator() {
        if (!takes(',')) fail("not valid JSON");
        skipSpace();
    }

    void number() {
        const char* const start = at_;
        takes('-');
        if (!has() || !isDigit(*at_) || (*at_ == '0' && at_ + 1 < end_ && isDigit(at_[1])))
            fail("not valid JSON");
        digits();
        bool is_whole = true;
        if (takes('.')) {
            is_whole = false;
            digits();
        }
        if (takes('e') || takes('E')) {
            is_whole = false;
            if (!takes('+')) takes('-');
            digits();
        }
        pushNumber(start, is_whole);
    }

    void digits() {
        if (!has() || !isDigit(*at_)) fail("not valid JSON");
        while (has() && isDigit(*at_)) ++at_;
    }

    void pushNumber(const char* start, bool is_whole) {
        lua_Integer whole = 0;
        if (is_whole && std::from_chars(start, at_, whole).ec == std::errc{})
            return lua_pushinteger(L_, whole);
        double value = 0;
        if (std::from_chars(start, at_, value).ec != std::errc{}) fail("a number out of range");
        lua_pushnumber(L_, value);
    }

    void string() {
        const char* const start = ++at_;
        while (has() && *at_ != '"' && *at_ != '\\' && static_cast<unsigned char>(*at_) >= 0x20) ++at_;
        if (has() && *at_ == '"') {
            lua_pushlstring(L_, start, static_cast<std::size_t>(at_ - start));
            ++at_;
            return;
        }
        at_ = start;
        escapedString();
    }

    void escapedString() {
        luaL_Buffer out;
        luaL_buffinit(L_, &out);
        while (has() && *at_ != '"') {
            const char c = *at_++;
            if (static_cast<unsigned char>(c) < 0x20) fail("not valid JSON");
            if (c == '\\')
                escape(&out);
            else
                luaL_addchar(&out, c);
        }
        if (!takes('"')) fail("not valid JSON");
        luaL_pushresult(&out);
    }

    void escape(luaL_Buffer* out) {
        constexpr const char* kLetters = "\"\\/bfnrt";
        constexpr const char* kMeant = "\"\\/\b\f\n\r\t";
        if (!has()) fail("not valid JSON");
        const char c = *at_++;
        const char* const known = c == '\0' ? nullptr : std::strchr(kLetters, c);
        if (known != nullptr) {
            luaL_addchar(out, kMeant[known - kLetters]);
            return;
        }
        if (c != 'u') fail("not valid JSON");
        unsigned code = fourHex();
        if (code >= 0xD800 && code <= 0xDBFF && end_ - at_ >= 6 && at_[0] == '\\' && at_[1] == 'u') {
            at_ += 2;
            const unsigned low = fourHex();
            if (low < 0xDC00 || low > 0xDFFF) fail("not valid JSON");
            code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
        }
        if (code >= 0xD800 && code <= 0xDFFF) fail("not valid JSON");
        addUtf8(out, code);
    }

    unsigned fourHex() {
        unsigned code = 0;
        const char* const four = at_ + 4;
        if (end_ - at_ < 4) fail("not valid JSON");
        const auto read = std::from_chars(at_, four, code, 16);
        if (read.ec != std::errc{} || read.ptr != four) fail("not valid JSON");
        at_ = four;
        return code;
    }

    static void addUtf8(luaL_Buffer* out, unsigned code) {
        if (code < 0x80) {
            luaL_addchar(out, static_cast<char>(code));
            return;
        }
        if (code < 0x800) {
            luaL_addchar(out, static_cast<char>(0xC0 | code >> 6));
        } else if (code < 0x10000) {
            luaL_addchar(out, static_cast<char>(0xE0 | code >> 12));
            luaL_addchar(out, static_cast<char>(0x80 | (code >> 6 & 0x3F)));
        } else {
            luaL_addchar(out, static_cast<char>(0xF0 | code >> 18));
            luaL_addchar(out, static_cast<char>(0x80 | (code >> 12 & 0x3F)));
            luaL_addchar(out, static_cast<char>(0x80 | (code >> 6 & 0x3F)));
        }
        luaL_addchar(out, static_cast<char>(0x80 | (code & 0x3F)));
    }

    lua_State* L_;
    const char* what_;
    const char* begin_;
    const char* at_;
    const char* end_;
    int depth_ = 0;
};

}  // namespace

void pushJson(lua_State* L, const char* what, const char* text, std::size_t size) {
    meter().charge(size / 16 + 1);
    Reader(L, what, text, size).run();
}

void pushNull(lua_State* L) {
    lua_pushlightuserdata(L, nullptr);
}

}  // namespace signalbox::worker

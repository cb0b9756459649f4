#include "workflow/worker/pattern.h"

#include <cctype>
#include <cstring>
#include <lua.hpp>

#include "workflow/worker/meter.h"

namespace signalbox::worker {
namespace {

int byteAt(const char* s) {
    return static_cast<unsigned char>(*s);
}

// %a, %d … of the C locale; a capital letter is the complement.
bool isInClass(int c, int letter) {
    bool is_in = false;
    switch (std::tolower(letter)) {
        case 'a':
            is_in = std::isalpha(c) != 0;
            break;
        case 'c':
            is_in = std::iscntrl(c) != 0;
            break;
        case 'd':
            is_in = std::isdigit(c) != 0;
            break;
        case 'g':
            is_in = std::isgraph(c) != 0;
            break;
        case 'l':
            is_in = std::islower(c) != 0;
            break;
        case 'p':
            is_in = std::ispunct(c) != 0;
            break;
        case 's':
            is_in = std::isspace(c) != 0;
            break;
        case 'u':
            is_in = std::isupper(c) != 0;
            break;
        case 'w':
            is_in = std::isalnum(c) != 0;
            break;
        case 'x':
            is_in = std::isxdigit(c) != 0;
            break;
        case 'z':  // not in the manual any more, but still in Lua
            is_in = c == 0;
            break;
        default:
            return letter == c;
    }
    return std::isupper(letter) != 0 ? !is_in : is_in;
}

}  // namespace

Matcher::Matcher(lua_State* L, const char* subject, std::size_t subject_size, const char* pattern,
                 std::size_t pattern_size)
    : L_(L),
      begin_(subject),
      end_(subject + subject_size),
      pattern_(pattern),
      pattern_end_(pattern + pattern_size) {}

void Matcher::step(std::uint64_t count) {
    steps_ += count;
    if (steps_ - paid_ >= 1000) settle();
    if (steps_ > kMaxSteps) luaL_error(L_, "the pattern takes more than 2000000 steps; make it simpler");
}

void Matcher::settle() {
    meter().charge(steps_ - paid_);
    paid_ = steps_;
}

const char* Matcher::matchAt(const char* from) {
    level_ = 0;
    depth_ = 0;
    return matchDeeper(from, pattern_);
}

const char* Matcher::matchDeeper(const char* s, const char* p) {
    if (++depth_ > kMaxDepth) luaL_error(L_, "pattern too complex");
    const char* const end = match(s, p);
    --depth_;
    return end;
}

const char* Matcher::match(const char* s, const char* p) {
    while (p != pattern_end_) {
        step();
        if (*p == '(')
            return p + 1 < pattern_end_ && p[1] == ')' ? openCapture(s, p + 2, kPosition)
                                                       : openCapture(s, p + 1, kOpen);
        if (*p == ')') return closeCapture(s, p + 1);
        if (*p == '$' && p + 1 == pattern_end_) return s == end_ ? s : nullptr;
        const char next = *p == '%' && p + 1 < pattern_end_ ? p[1] : '\0';
        if (next == 'b') {
            s = skipBalanced(s, p + 2);
            if (s == nullptr) return nullptr;
            p += 4;
            continue;
        }
        if (next == 'f') {
            const char* const set = p + 2;
            if (set >= pattern_end_ || *set != '[') luaL_error(L_, "missing '[' after '%%f' in pattern");
            const char* const set_end = itemEnd(set);
            if (!isFrontier(s, set, set_end)) return nullptr;
            p = set_end;
            continue;
        }
        if (next >= '0' && next <= '9') {
            s = skipCaptured(s, next);
            if (s == nullptr) return nullptr;
            p += 2;
            continue;
        }
        const char* const item_end = itemEnd(p);
        const char suffix = item_end < pattern_end_ ? *item_end : '\0';
        if (suffix == '*') return longest(s, p, item_end);
        if (suffix == '-') return shortest(s, p, item_end);
        const bool is_one = matchesOne(s, p, item_end);
        if (suffix == '+') return is_one ? longest(s + 1, p, item_end) : nullptr;
        if (suffix == '?') {
            const char* const with = is_one ? matchDeeper(s + 1, item_end + 1) : nullptr;
            if (with != nullptr) return with;
            p = item_end + 1;
            continue;
        }
        if (!is_one) return nullptr;
        ++s;
        p = item_end;
    }
    return s;
}

const char* Matcher::openCapture(const char* s, const char* p, std::ptrdiff_t kind) {
    if (level_ >= kMaxCaptures) luaL_error(L_, "too many captures");
    captures_[level_] = {s, kind};
    ++level_;
    const char* const end = matchDeeper(s, p);
    if (end == nullptr) --level_;
    return end;
}

const char* Matcher::closeCapture(const char* s, const char* p) {
    int open = level_ - 1;
    while (open >= 0 && captures_[open].size != kOpen) --open;
    if (open < 0) luaL_error(L_, "invalid pattern capture");
    captures_[open].size = s - captures_[open].begin;
    const char* const end = matchDeeper(s, p);
    if (end == nullptr) captures_[open].size = kOpen;
    return end;
}

const char* Matcher::skipBalanced(const char* s, const char* p) {
    if (p + 1 >= pattern_end_) luaL_error(L_, "malformed pattern (missing arguments to '%%b')");
    if (s == end_ || *s != p[0]) return nullptr;
    for (int open = 1; ++s < end_;) {
        step();
        if (*s == p[1]) {
            if (--open == 0) return s + 1;
        } else if (*s == p[0]) {
            ++open;
        }
    }
    return nullptr;
}

const char* Matcher::skipCaptured(const char* s, int digit) {
    const int index = digit - '1';
    if (index < 0 || index >= level_ || captures_[index].size == kOpen)
        luaL_error(L_, "invalid capture index %%%d", index + 1);
    const std::ptrdiff_t size = captures_[index].size;
    if (size < 0 || end_ - s < size) return nullptr;
    step(static_cast<std::uint64_t>(size) / 16);
    return std::memcmp(captures_[index].begin, s, static_cast<std::size_t>(size)) == 0 ? s + size : nullptr;
}

const char* Matcher::longest(const char* s, const char* p, const char* item_end) {
    std::ptrdiff_t count = 0;
    for (; matchesOne(s + count, p, item_end); ++count) step();
    for (; count >= 0; --count) {
        step();
        const char* const end = matchDeeper(s + count, item_end + 1);
        if (end != nullptr) return end;
    }
    return nullptr;
}

const char* Matcher::shortest(const char* s, const char* p, const char* item_end) {
    for (;; ++s) {
        step();
        const char* const end = matchDeeper(s, item_end + 1);
        if (end != nullptr) return end;
        if (!matchesOne(s, p, item_end)) return nullptr;
    }
}

bool Matcher::isFrontier(const char* s, const char* p, const char* item_end) {
    const int before = s == begin_ ? 0 : byteAt(s - 1);
    const int here = s == end_ ? 0 : byteAt(s);
    return !isInSet(before, p, item_end - 1) && isInSet(here, p, item_end - 1);
}

bool Matcher::matchesOne(const char* s, const char* p, const char* item_end) {
    if (s >= end_) return false;
    const int c = byteAt(s);
    if (*p == '.') return true;
    if (*p == '%') return isInClass(c, byteAt(p + 1));
    return *p == '[' ? isInSet(c, p, item_end - 1) : byteAt(p) == c;
}

// `set_end` is the closing bracket.
bool Matcher::isInSet(int c, const char* p, const char* set_end) {
    step(static_cast<std::uint64_t>(set_end - p) / 8);
    const bool is_positive = p[1] != '^';
    if (!is_positive) ++p;
    while (++p < set_end) {
        if (*p == '%') {
            ++p;
            if (isInClass(c, byteAt(p))) return is_positive;
        } else if (p[1] == '-' && p + 2 < set_end) {
            p += 2;
            if (byteAt(p - 2) <= c && c <= byteAt(p)) return is_positive;
        } else if (byteAt(p) == c) {
            return is_positive;
        }
    }
    return !is_positive;
}

const char* Matcher::itemEnd(const char* p) {
    const char first = *p++;
    if (first == '%') {
        if (p == pattern_end_) luaL_error(L_, "malformed pattern (ends with '%%')");
        return p + 1;
    }
    if (first != '[') return p;
    if (p < pattern_end_ && *p == '^') ++p;
    do {  // the first one may be a bracket that is meant literally
        if (p == pattern_end_) luaL_error(L_, "malformed pattern (missing ']')");
        step();
        if (*p++ == '%' && p < pattern_end_) ++p;
    } while (p == pattern_end_ || *p != ']');
    return p + 1;
}

void Matcher::pushCapture(int index, const char* from, const char* to) {
    if (index >= level_) {
        if (index != 0) luaL_error(L_, "invalid capture index %%%d", index + 1);
        lua_pushlstring(L_, from, static_cast<std::size_t>(to - from));
        return;
    }
    const auto& capture = captures_[index];
    if (capture.size == kOpen) luaL_error(L_, "unfinished capture");
    if (capture.size == kPosition)
        lua_pushinteger(L_, capture.begin - begin_ + 1);
    else
        lua_pushlstring(L_, capture.begin, static_cast<std::size_t>(capture.size));
}

int Matcher::pushOnlyCaptures() {
    luaL_checkstack(L_, level_, "too many captures");
    for (int i = 0; i < level_; ++i) pushCapture(i, nullptr, nullptr);
    return level_;
}

int Matcher::pushCaptures(const char* from, const char* to) {
    if (level_ > 0) return pushOnlyCaptures();
    pushCapture(0, from, to);
    return 1;
}

}  // namespace signalbox::worker

// Our matcher against the library's: both are asked the same in one Lua state of the real library.
#include "workflow/worker/pattern.h"

#include <boost/test/unit_test.hpp>
#include <lua.hpp>
#include <memory>
#include <random>
#include <string>

#include "workflow/worker/meter.h"

namespace signalbox::worker {
namespace {

// Gives nil when both agree, else what each said. Positions in error texts differ by name only.
constexpr const char* kCompare = R"(
local ours = ...
local function told(...)
    local out = {...}
    for i = 1, select("#", ...) do out[i] = tostring(out[i]):gsub("^.-:%d+: ", ""):gsub("to '%w+'", "") end
    return table.concat(out, "|") .. "#" .. select("#", ...)
end
local function all(lib, s, p)
    local out = {}
    for a, b, c in lib.gmatch(s, p) do
        out[#out + 1] = tostring(a) .. "," .. tostring(b) .. "," .. tostring(c)
        if #out > 50 then break end
    end
    return table.concat(out, ";")
end
local asked = {
    function(lib, s, p) return lib.find(s, p) end,
    function(lib, s, p) return lib.find(s, p, 3) end,
    function(lib, s, p) return lib.find(s, p, -2) end,
    function(lib, s, p) return lib.find(s, p, 1, true) end,
    function(lib, s, p) return lib.match(s, p) end,
    function(lib, s, p) return lib.match(s, p, 2) end,
    all,
    function(lib, s, p) return lib.gsub(s, p, "<%0>") end,
    function(lib, s, p) return lib.gsub(s, p, "%1%%", 2) end,
    function(lib, s, p) return lib.gsub(s, p, "%2") end,
    function(lib, s, p) return lib.gsub(s, p, {a = "A", b = false, ab = 7}) end,
    function(lib, s, p) return lib.gsub(s, p, function(x, y) if y then return y .. x end end) end,
}
return function(s, p)
    for i, ask in ipairs(asked) do
        local a, b = told(pcall(ask, string, s, p)), told(pcall(ask, ours, s, p))
        if a ~= b then return ("question %d of %q, %q\n  Lua:  %s\n  ours: %s"):format(i, s, p, a, b) end
    end
end
)";

class RealLua {
public:
    RealLua() : state_(luaL_newstate(), &lua_close) {
        lua_State* const L = state_.get();
        luaL_openlibs(L);
        BOOST_REQUIRE(luaL_loadstring(L, kCompare) == LUA_OK);
        constexpr luaL_Reg kOurs[] = {{"find", &stringFind},
                                      {"match", &stringMatch},
                                      {"gmatch", &stringGmatch},
                                      {"gsub", &stringGsub},
                                      {nullptr, nullptr}};
        luaL_newlib(L, kOurs);
        BOOST_REQUIRE(lua_pcall(L, 1, 1, 0) == LUA_OK);
    }

    // Empty when both agree.
    std::string difference(const std::string& subject, const std::string& pattern) {
        lua_State* const L = state_.get();
        meter().begin(2'000'000, ~std::size_t{0});
        lua_pushvalue(L, 1);
        lua_pushlstring(L, subject.data(), subject.size());
        lua_pushlstring(L, pattern.data(), pattern.size());
        lua_pcall(L, 2, 1, 0);
        const char* const text = lua_tostring(L, -1);
        const std::string out = text == nullptr ? "" : text;
        lua_pop(L, 1);
        return out;
    }

private:
    std::unique_ptr<lua_State, decltype(&lua_close)> state_;
};

using namespace std::string_literals;

}  // namespace

BOOST_AUTO_TEST_CASE(known_patterns_give_what_lua_gives) {
    RealLua lua;
    const std::string subjects[] = {
        "",          "a",     "ab",       "hello world from Lua", "key = value", "THE (quick) fox",
        "x^2 + y",   "a.b-c", "((a)(b))", "2026-01-05",           "aaab",        "\0a\0"s,
        "f(a(b)c)d", "%d",    "öß"};
    const std::string patterns[] = {"",
                                    "a",
                                    ".",
                                    "^",
                                    "$",
                                    "^$",
                                    "()",
                                    "()a()",
                                    "%a+",
                                    "%A*",
                                    "(%w+)%s*=%s*(%w+)",
                                    "%b()",
                                    "%bxy",
                                    "%f[%a]%a+",
                                    "%f[%z]",
                                    "%f[^%w]",
                                    "(a*(.)%w(%s*))",
                                    "[%a_][%w_]*",
                                    "[^%s]+",
                                    "[]]",
                                    "[^]]",
                                    "[a-]",
                                    "[-a]",
                                    "[a%-z]",
                                    "[%]]",
                                    "(%d+)-(%d+)-(%d+)",
                                    "%1",
                                    "(a)%1",
                                    "(a*)b%1",
                                    "^a-$",
                                    ".-b",
                                    "a-b",
                                    "a?b",
                                    "(",
                                    ")",
                                    "(()",
                                    "%",
                                    "[",
                                    "[^",
                                    "[%",
                                    "[a",
                                    "%f",
                                    "%fa",
                                    "%b",
                                    "%bx",
                                    "x%",
                                    "()%1",
                                    "((a)",
                                    "a$b",
                                    "^^a",
                                    "$",
                                    "a^",
                                    "%%",
                                    "%.",
                                    "[%a-z]",
                                    "[a-%%]",
                                    "[z-a]",
                                    "\0",
                                    "[\0]"s,
                                    "%z",
                                    "%g+",
                                    "(.)(.)(.)",
                                    "%x%x",
                                    "%u%l*",
                                    "%p",
                                    "%c"};

    for (const auto& subject : subjects)
        for (const auto& pattern : patterns) BOOST_TEST(lua.difference(subject, pattern) == "");
}

BOOST_AUTO_TEST_CASE(generated_patterns_give_what_lua_gives) {
    RealLua lua;
    const std::string items[] = {"a",    "b",     ".",    "%a",     "%d", "%s", "%W", "[ab]",
                                 "[^a]", "[a-c]", "%b()", "%f[%a]", "(",  ")",  "()", "%1",
                                 "%2",   "^",     "$",    "%",      "[",  "]",  "-",  "x"};
    const std::string suffixes[] = {"", "", "", "*", "+", "-", "?"};
    const std::string letters = "aaabbc(1) x";
    std::mt19937 dice(5);

    for (int i = 0; i < 40'000; ++i) {
        std::string pattern, subject;
        for (unsigned n = dice() % 6; n > 0; --n)
            pattern += items[dice() % std::size(items)] + suffixes[dice() % std::size(suffixes)];
        for (unsigned n = dice() % 12; n > 0; --n) subject += letters[dice() % letters.size()];
        const auto difference = lua.difference(subject, pattern);
        BOOST_REQUIRE_MESSAGE(difference.empty(), difference);
    }
}

BOOST_AUTO_TEST_CASE(thirty_two_captures_are_the_limit) {
    RealLua lua;
    std::string at_limit, beyond;
    for (int i = 0; i < 32; ++i) at_limit += "(a)";
    beyond = at_limit + "(a)";

    BOOST_TEST(lua.difference(std::string(40, 'a'), at_limit) == "");
    BOOST_TEST(lua.difference(std::string(40, 'a'), beyond) == "");
}

}  // namespace signalbox::worker

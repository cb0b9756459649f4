// The functions of `table`, over the table's own elements: __len, __index and __newindex are not asked, so no
// script can make one of them run for ever or see a list that changes its length.
#include <lua.hpp>

#include "workflow/worker/library.h"
#include "workflow/worker/meter.h"

namespace signalbox::worker {
namespace {

lua_Integer lengthOf(lua_State* L, int index) {
    luaL_checktype(L, index, LUA_TTABLE);
    const auto length = static_cast<lua_Integer>(lua_rawlen(L, index));
    if (length > kMaxElements) luaL_argerror(L, index, "more than 1000000 elements");
    return length;
}

// Elements first … last; also when the difference does not fit a number.
lua_Integer countOf(lua_State* L, lua_Integer first, lua_Integer last) {
    if (first > last) return 0;
    const auto count = static_cast<lua_Unsigned>(last) - static_cast<lua_Unsigned>(first);
    if (count >= static_cast<lua_Unsigned>(kMaxElements)) luaL_error(L, "more than 1000000 elements");
    meter().charge(count + 1);
    return static_cast<lua_Integer>(count) + 1;
}

int insert(lua_State* L) {
    const lua_Integer end = lengthOf(L, 1) + 1;
    const int given = lua_gettop(L);
    if (given != 2 && given != 3) return luaL_error(L, "wrong number of arguments to 'insert'");
    lua_Integer place = end;
    if (given == 3) {
        place = luaL_checkinteger(L, 2);
        luaL_argcheck(L, place >= 1 && place <= end, 2, "position out of bounds");
        meter().charge(static_cast<std::uint64_t>(end - place) + 1);
        for (lua_Integer i = end; i > place; --i) {
            lua_rawgeti(L, 1, i - 1);
            lua_rawseti(L, 1, i);
        }
    }
    lua_rawseti(L, 1, place);
    return 0;
}

int removeAt(lua_State* L) {
    const lua_Integer length = lengthOf(L, 1);
    lua_Integer place = luaL_optinteger(L, 2, length);
    if (lua_gettop(L) > 1)
        luaL_argcheck(L, (length == 0 && place == 0) || (place >= 1 && place <= length + 1), 2,
                      "position out of bounds");
    lua_rawgeti(L, 1, place);
    if (place < length) meter().charge(static_cast<std::uint64_t>(length - place));
    for (; place < length; ++place) {
        lua_rawgeti(L, 1, place + 1);
        lua_rawseti(L, 1, place);
    }
    lua_pushnil(L);
    lua_rawseti(L, 1, place);
    return 1;
}

int move(lua_State* L) {
    const lua_Integer first = luaL_checkinteger(L, 2), last = luaL_checkinteger(L, 3);
    const lua_Integer target = luaL_checkinteger(L, 4);
    const int to = lua_isnoneornil(L, 5) ? 1 : 5;
    luaL_checktype(L, 1, LUA_TTABLE);
    luaL_checktype(L, to, LUA_TTABLE);
    const lua_Integer count = countOf(L, first, last);
    luaL_argcheck(L, count == 0 || target <= LUA_MAXINTEGER - count + 1, 4, "destination wrap around");
    const bool is_forward = target > last || target <= first || (to != 1 && !lua_rawequal(L, 1, to));
    for (lua_Integer n = 0; n < count; ++n) {
        const lua_Integer i = is_forward ? n : count - 1 - n;
        lua_rawgeti(L, 1, first + i);
        lua_rawseti(L, to, target + i);
    }
    lua_pushvalue(L, to);
    return 1;
}

int concat(lua_State* L) {
    const lua_Integer length = lengthOf(L, 1);
    std::size_t separator_size = 0;
    const char* const separator = luaL_optlstring(L, 2, "", &separator_size);
    const lua_Integer first = luaL_optinteger(L, 3, 1), last = luaL_optinteger(L, 4, length);
    const lua_Integer count = countOf(L, first, last);
    luaL_Buffer out;
    luaL_buffinit(L, &out);
    for (lua_Integer n = 0; n < count; ++n) {
        lua_rawgeti(L, 1, first + n);
        if (!lua_isstring(L, -1))
            return luaL_error(L, "invalid value (at index %I) in table for 'concat'",
                              static_cast<LUAI_UACINT>(first + n));
        luaL_addvalue(&out);
        if (n + 1 < count) luaL_addlstring(&out, separator, separator_size);
        if (luaL_bufflen(&out) > kMaxMadeText)
            return luaL_error(L, "the result of table.concat grows over 8 MiB");
    }
    luaL_pushresult(&out);
    return 1;
}

int pack(lua_State* L) {
    const int count = lua_gettop(L);
    meter().charge(static_cast<std::uint64_t>(count));
    lua_createtable(L, count, 1);
    lua_insert(L, 1);
    for (int i = count; i >= 1; --i) lua_rawseti(L, 1, i);
    lua_pushinteger(L, count);
    lua_setfield(L, 1, "n");
    return 1;
}

int unpack(lua_State* L) {
    const lua_Integer length = lengthOf(L, 1);
    const lua_Integer first = luaL_optinteger(L, 2, 1), last = luaL_optinteger(L, 3, length);
    const lua_Integer count = countOf(L, first, last);
    if (!lua_checkstack(L, static_cast<int>(count) + 1)) return luaL_error(L, "too many results to unpack");
    for (lua_Integer n = 0; n < count; ++n) lua_rawgeti(L, 1, first + n);
    return static_cast<int>(count);
}

// ---- sort: a merge sort, so that it ends after n·log n comparisons whatever the comparison answers
// ------------------

constexpr int kList = 1, kLess = 2, kFrom = 3, kTo = 4;  // stack

bool comesFirst(lua_State* L, lua_Integer right, lua_Integer left) {
    if (lua_isnil(L, kLess)) {
        lua_rawgeti(L, kFrom, right);
        lua_rawgeti(L, kFrom, left);
        meter().charge(lua_type(L, -1) == LUA_TSTRING ? 1 + lua_rawlen(L, -1) / 64 : 1);
        const bool is_less = lua_compare(L, -2, -1, LUA_OPLT) != 0;
        lua_pop(L, 2);
        return is_less;
    }
    meter().charge(1);
    lua_pushvalue(L, kLess);
    lua_rawgeti(L, kFrom, right);
    lua_rawgeti(L, kFrom, left);
    lua_call(L, 2, 1);
    const bool is_less = lua_toboolean(L, -1) != 0;
    lua_pop(L, 1);
    return is_less;
}

void mergeRuns(lua_State* L, lua_Integer begin, lua_Integer middle, lua_Integer end) {
    lua_Integer left = begin, right = middle;
    for (lua_Integer out = begin; out < end; ++out) {
        const bool takes_right = right < end && (left >= middle || comesFirst(L, right, left));
        lua_rawgeti(L, kFrom, takes_right ? right++ : left++);
        lua_rawseti(L, kTo, out);
    }
}

void copyElements(lua_State* L, int from, int to, lua_Integer length) {
    for (lua_Integer i = 1; i <= length; ++i) {
        lua_rawgeti(L, from, i);
        lua_rawseti(L, to, i);
    }
}

int sort(lua_State* L) {
    const lua_Integer length = lengthOf(L, kList);
    if (!lua_isnoneornil(L, kLess)) luaL_checktype(L, kLess, LUA_TFUNCTION);
    lua_settop(L, kLess);
    meter().charge(static_cast<std::uint64_t>(length) + 1);
    lua_createtable(L, static_cast<int>(length), 0);
    lua_createtable(L, static_cast<int>(length), 0);
    copyElements(L, kList, kFrom, length);
    for (lua_Integer width = 1; width < length; width *= 2) {
        for (lua_Integer begin = 1; begin <= length; begin += 2 * width) {
            const lua_Integer middle = begin + width < length + 1 ? begin + width : length + 1;
            const lua_Integer end = middle + width < length + 1 ? middle + width : length + 1;
            mergeRuns(L, begin, middle, end);
        }
        lua_pushvalue(L, kFrom);
        lua_copy(L, kTo, kFrom);
        lua_replace(L, kTo);
    }
    copyElements(L, kFrom, kList, length);
    return 0;
}

}  // namespace

void openTable(lua_State* L) {
    constexpr luaL_Reg kFunctions[] = {{"insert", &insert}, {"remove", &removeAt}, {"move", &move},
                                       {"concat", &concat}, {"pack", &pack},       {"unpack", &unpack},
                                       {"sort", &sort},     {nullptr, nullptr}};
    luaL_newlib(L, kFunctions);
    setReadOnlyGlobal(L, "table");
}

}  // namespace signalbox::worker

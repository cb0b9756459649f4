// signalbox.now, date, parse_date, local_time, time: times without gmtime and its like, which would open
// files. Seconds since 1970 in and out; zones come from the block that the daemon hands over.
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <lua.hpp>

#include "workflow/worker/library.h"
#include "workflow/worker/zone_table.h"

namespace signalbox::worker {
namespace {

constexpr std::int64_t kFirstSecond = -62135596800, kLastSecond = 253402300799;  // the years 1 to 9999

struct Day {
    int year, month, day;
};

std::int64_t floorDivide(std::int64_t value, std::int64_t by) {
    return value / by - (value % by < 0 ? 1 : 0);
}

// Days since 1970 in the Gregorian calendar. Years begin in March here, so that the odd day of leap years is
// the last.
Day dayOf(std::int64_t days) {
    days += 719468;  // since 1 March of the year 0
    const std::int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    const std::int64_t of_era = days - era * 146097;
    const std::int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    const std::int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
    const std::int64_t month = (5 * of_year + 2) / 153;
    const int day = static_cast<int>(of_year - (153 * month + 2) / 5 + 1);
    const int real_month = static_cast<int>(month < 10 ? month + 3 : month - 9);
    return {static_cast<int>(year + era * 400) + (real_month <= 2 ? 1 : 0), real_month, day};
}

// The other way; a month beyond the year and a day beyond the month count on.
std::int64_t daysOf(std::int64_t year, std::int64_t month, std::int64_t day) {
    year += floorDivide(month - 1, 12);
    month -= 12 * floorDivide(month - 1, 12);
    if (month <= 2) --year;
    const std::int64_t era = floorDivide(year, 400), of_era = year - era * 400;
    const std::int64_t of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year + day - 1 - 719468;
}

const ZoneChange& offsetIn(lua_State* L, int argument, std::int64_t time) {
    static const ZoneChange kUtc{0, 0, "UTC"};
    if (lua_isnoneornil(L, argument)) return kUtc;
    std::size_t size = 0;
    const char* const name = luaL_checklstring(L, argument, &size);
    if (std::strcmp(name, "UTC") == 0) return kUtc;
    const ZoneEntry* const zone = zoneTable().find({name, size});
    if (zone == nullptr) luaL_error(L, "no time zone '%s'; write an IANA name such as Europe/Berlin", name);
    return zoneTable().at(*zone, time);
}

std::int64_t microsAt(lua_State* L, int argument) {
    if (lua_isnoneornil(L, argument)) return callContext().now_us;
    const lua_Number given = luaL_checknumber(L, argument);
    luaL_argcheck(
        L, given >= static_cast<lua_Number>(kFirstSecond) && given < static_cast<lua_Number>(kLastSecond),
        argument, "not within the years 1 to 9999");
    return std::llround(given * 1e6);
}

int now(lua_State* L) {
    lua_pushnumber(L, static_cast<lua_Number>(callContext().now_us) / 1e6);
    return 1;
}

// date([seconds [, zone]]): RFC 3339, in UTC with Z, in a zone with its offset.
int date(lua_State* L) {
    const std::int64_t us = microsAt(L, 1), total = floorDivide(us, 1'000'000);
    const bool has_zone = !lua_isnoneornil(L, 2);
    const ZoneChange& zone = offsetIn(L, 2, total);
    const std::int64_t local = total + zone.offset, days = floorDivide(local, 86400),
                       second = local - days * 86400;
    const Day day = dayOf(days);
    char text[96];
    const int size =
        std::snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d.%03d", day.year, day.month, day.day,
                      static_cast<int>(second / 3600), static_cast<int>(second / 60 % 60),
                      static_cast<int>(second % 60), static_cast<int>((us - total * 1'000'000) / 1000));
    const int minutes = std::abs(zone.offset) / 60;
    if (has_zone) {
        std::snprintf(text + size, sizeof text - static_cast<std::size_t>(size), "%c%02d:%02d",
                      zone.offset < 0 ? '-' : '+', minutes / 60, minutes % 60);
    } else {
        text[size] = 'Z';
        text[size + 1] = '\0';
    }
    lua_pushstring(L, text);
    return 1;
}

void setNumber(lua_State* L, const char* name, std::int64_t value) {
    lua_pushinteger(L, value);
    lua_setfield(L, -2, name);
}

// local_time([seconds [, zone]]) → {year, month, day, hour, minute, second, weekday (1 is Monday), yearday,
// offset, zone}
int localTime(lua_State* L) {
    const std::int64_t total = floorDivide(microsAt(L, 1), 1'000'000);
    const ZoneChange& zone = offsetIn(L, 2, total);
    const std::int64_t local = total + zone.offset, days = floorDivide(local, 86400),
                       second = local - days * 86400;
    const Day day = dayOf(days);
    lua_createtable(L, 0, 10);
    setNumber(L, "year", day.year);
    setNumber(L, "month", day.month);
    setNumber(L, "day", day.day);
    setNumber(L, "hour", second / 3600);
    setNumber(L, "minute", second / 60 % 60);
    setNumber(L, "second", second % 60);
    setNumber(L, "weekday", days + 3 - floorDivide(days + 3, 7) * 7 + 1);  // 1970 began on a Thursday
    setNumber(L, "yearday", days - daysOf(day.year, 1, 1) + 1);
    setNumber(L, "offset", zone.offset);
    lua_pushstring(L, zone.abbreviation);
    lua_setfield(L, -2, "zone");
    return 1;
}

std::int64_t fieldOf(lua_State* L, const char* name, std::int64_t fallback) {
    lua_getfield(L, 1, name);
    const std::int64_t value = lua_isnil(L, -1) ? fallback : luaL_checkinteger(L, -1);
    lua_pop(L, 1);
    if (value < -1'000'000'000 || value > 1'000'000'000)
        luaL_error(L, "signalbox.time: %s is too large", name);
    return value;
}

// time({year =, month =, day =, hour =, minute =, second =} [, zone]) → seconds since 1970. What is too large
// for its field counts on: day = 32 is the next month's first or so. A time that clocks leave out is the
// moment after the gap.
int time(lua_State* L) {
    luaL_checktype(L, 1, LUA_TTABLE);
    const std::int64_t year = fieldOf(L, "year", 1970);
    if (year < 1 || year > 9999) return luaL_error(L, "signalbox.time: not within the years 1 to 9999");
    const std::int64_t days = daysOf(year, fieldOf(L, "month", 1), fieldOf(L, "day", 1));
    const std::int64_t local =
        days * 86400 + fieldOf(L, "hour", 0) * 3600 + fieldOf(L, "minute", 0) * 60 + fieldOf(L, "second", 0);
    std::int64_t out = local;
    if (!lua_isnoneornil(L, 2) && std::strcmp(luaL_checkstring(L, 2), "UTC") != 0) {
        (void)offsetIn(L, 2, local);  // that there is such a zone
        out = zoneTable().toUtc(*zoneTable().find(lua_tostring(L, 2)), local);
    }
    lua_pushinteger(L, out);
    return 1;
}

bool readDigits(const char*& at, int count, int& out) {
    out = 0;
    for (int i = 0; i < count; ++i, ++at) {
        if (*at < '0' || *at > '9') return false;
        out = out * 10 + (*at - '0');
    }
    return true;
}

// parse_date("2026-01-05T09:00:00+01:00") → seconds since 1970, nil for what is no such time. A day alone is
// its beginning in UTC.
int parseDate(lua_State* L) {
    const char* at = luaL_checkstring(L, 1);
    int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, offset_hours = 0, offset_minutes = 0;
    lua_Number fraction = 0;
    bool is_good = readDigits(at, 4, year) && *at++ == '-' && readDigits(at, 2, month) && *at++ == '-' &&
                   readDigits(at, 2, day) && month >= 1 && month <= 12 && day >= 1 && year >= 1;
    int sign = 1;
    if (is_good && *at != '\0') {
        is_good = (*at == 'T' || *at == 't' || *at == ' ') && readDigits(++at, 2, hour) && *at++ == ':' &&
                  readDigits(at, 2, minute) && hour < 24 && minute < 60;
        if (is_good && *at == ':') is_good = readDigits(++at, 2, second) && second <= 60;
        if (is_good && *at == '.') {
            lua_Number unit = 0.1;
            for (++at; *at >= '0' && *at <= '9'; ++at, unit /= 10) fraction += (*at - '0') * unit;
        }
        if (is_good && (*at == '+' || *at == '-')) {
            sign = *at++ == '-' ? -1 : 1;
            is_good = readDigits(at, 2, offset_hours) && *at++ == ':' && readDigits(at, 2, offset_minutes);
        } else if (is_good && (*at == 'Z' || *at == 'z')) {
            ++at;
        }
        is_good = is_good && *at == '\0';
    }
    const std::int64_t days = is_good ? daysOf(year, month, day) : 0;
    const Day real = dayOf(days);
    if (!is_good || real.day != day || real.month != month) return 0;  // 30 February
    const std::int64_t whole = days * 86400 + hour * 3600 + minute * 60 + second -
                               sign * (offset_hours * 3600 + offset_minutes * 60);
    if (fraction == 0) {
        lua_pushinteger(L, whole);
    } else {
        lua_pushnumber(L, static_cast<lua_Number>(whole) + fraction);
    }
    return 1;
}

}  // namespace

void addDates(lua_State* L) {
    constexpr luaL_Reg kFunctions[] = {{"now", &now},
                                       {"date", &date},
                                       {"local_time", &localTime},
                                       {"time", &time},
                                       {"parse_date", &parseDate},
                                       {nullptr, nullptr}};
    luaL_setfuncs(L, kFunctions, 0);
}

}  // namespace signalbox::worker

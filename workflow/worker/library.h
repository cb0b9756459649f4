// What a script finds as its globals. Built by hand from an allow-list: what is not named in these files is
// not there. Every function here is called by Lua: no exception leaves it and no object with a destructor
// lives in it.
#pragma once

#include <cstddef>
#include <cstdint>

struct lua_State;

namespace signalbox::worker {

// Each puts its part into the table of globals.
void openBase(lua_State* L);
void openString(lua_State* L);
void openTable(lua_State* L);
void openMath(lua_State* L);  // also utf8
void openSignalbox(lua_State* L);
void pushRegex(lua_State* L);
// To the table on top:
void addDates(lua_State* L);
void addWishes(lua_State* L);

// The table on top of the stack is replaced by a value that only reads from it.
void makeReadOnly(lua_State* L, const char* name);
// The same, and that value becomes a global.
void setReadOnlyGlobal(lua_State* L, const char* name);
// Copies the fields of the library table on top, by name, into the table below it. `names` ends with nullptr.
void copyAllowed(lua_State* L, const char* const* names);
// The same, but their work is charged by the length of the texts they are given.
void copyCharged(lua_State* L, const char* const* names);

// As text, without addresses: `table: #3` for the third table asked about. Pushes it.
const char* pushText(lua_State* L, int index, std::size_t* size);

// Lists that come from JSON are marked, so that an empty one goes out as [] and not as {}.
void markAsList(lua_State* L, int index);
bool isMarkedAsList(lua_State* L, int index);

inline constexpr std::size_t kMaxMadeText = 8 << 20;
inline constexpr std::int64_t kMaxElements = 1'000'000;

// What signalbox.* reads and writes during one call.
struct CallContext {
    std::uint64_t random_state[2];
    std::int64_t now_us;
    char* log;  // of kMaxLog bytes
    std::size_t log_size;
    bool is_log_full;
    char* json;  // kMaxResult bytes: what json.encode writes, and at the end the result
};
CallContext& callContext();
void seedRandom(CallContext& context, std::uint64_t seed);

}  // namespace signalbox::worker

// JSON ↔ Lua values, without exceptions and without memory of its own (both run inside Lua's frames).
//   object → table (a member that is null is not there)   array → table, marked as a list (null stays, as
//   `null`) whole number → integer where it fits, else float      text → string
// Back: a table is a list when it is marked so or has exactly the keys 1 … n, else an object; keys are texts.
#pragma once

#include <cstddef>

struct lua_State;

namespace signalbox::worker {

inline constexpr int kMaxJsonDepth = 32;

// Pushes the value. Raises a Lua error that begins with `what` ("item: not valid JSON at byte 12").
void pushJson(lua_State* L, const char* what, const char* text, std::size_t size);

// The value at `index` as JSON in `out`. Raises a Lua error with the path ("result.items[2]: …") for
// functions, NaN, cycles, texts that are no UTF-8, lists with holes, and for more than `capacity` bytes.
// Gives the size.
std::size_t writeJson(lua_State* L, const char* what, int index, char* out, std::size_t capacity);

// JSON's null where it must be told from «nothing there».
void pushNull(lua_State* L);

// Bytes of `text` up to the first that is no UTF-8.
std::size_t utf8Prefix(const char* text, std::size_t size);

}  // namespace signalbox::worker

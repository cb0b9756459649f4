// What the daemon and `signalbox-worker` say to each other over one stream socket: a request, its response,
// the next request. Both ends run on one machine and come from one build, so numbers go as they lie in
// memory.
#pragma once

#include <cstddef>
#include <cstdint>

namespace signalbox::worker {

inline constexpr std::size_t kMaxSource = 256 * 1024;
inline constexpr std::size_t kMaxItem = 1 << 20;
inline constexpr std::size_t kMaxResult = 1 << 20;
inline constexpr std::size_t kMaxLog = 64 * 1024;
inline constexpr std::size_t kMaxNodeId = 48;  // more does not fit into Lua's chunk names

enum class Action : std::uint32_t {
    Run = 1,
    Check = 2,  // the source alone: does it compile, does it define `run`
};

// Followed by node_id, source and item.
struct RequestHead {
    std::uint32_t size;  // of all that follows this field
    Action action;
    std::uint64_t seed;
    std::int64_t now_us;
    std::uint32_t cpu_budget_us;
    std::uint32_t memory_limit;
    std::uint32_t node_id_size;
    std::uint32_t source_size;
    std::uint32_t item_size;
    std::uint32_t reserved;
};

enum class Verdict : std::uint32_t {
    Ready = 1,  // once, when the worker has confined itself: text tells how
    Ok,         // text is the result as JSON
    Syntax,     // from here on text is the message
    Runtime,
    Result,
    Time,
    Memory,
};

// Followed by text and log; the lines of the log end in \n.
struct ResponseHead {
    std::uint32_t size;  // of all that follows this field
    Verdict verdict;
    std::uint32_t text_size;
    std::uint32_t log_size;
};

inline constexpr std::size_t kMaxRequest = sizeof(RequestHead) + kMaxNodeId + kMaxSource + kMaxItem;
inline constexpr std::size_t kMaxResponse = sizeof(ResponseHead) + kMaxResult + kMaxLog;
inline constexpr int kSocket = 0;  // the only descriptor a worker has
inline constexpr int kZones = 1;   // at its start besides: the block of time zones, to be mapped and closed

}  // namespace signalbox::worker

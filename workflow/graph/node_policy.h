// What any node can say of itself beside its own parameters: how its inputs meet, how often it is tried, how
// long it may take, what its error does. Read once when a version is compiled; immutable.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "workflow/node_type.h"

namespace signalbox::workflow {

// data.join: "all" (every live path), "any" (the first that comes; the others go on for themselves), "first"
// (the first that comes; waits that lead only here end), {"n": K} (as soon as K have come; an error when
// fewer can). data.join_timeout_s counts from the first input; then the node goes on with what has come.
struct JoinRule {
    enum class Mode { All, Any, First, Count };
    Mode mode = Mode::All;
    std::uint32_t count = 1;
    std::optional<std::chrono::milliseconds> timeout;
    std::vector<std::uint32_t> only_here;  // First: the nodes whose every way leads to this one

    bool isPlain() const { return mode == Mode::All && !timeout; }
};

// data.retry: {"attempts", "first_wait_s", "factor", "max_wait_s", "jitter", "total_s", "on"}. `on` names
// kinds or codes of errors, or "any"; without it those that another try may help. What the other side asked
// for (Retry-After) is waited at least.
struct RetryRule {
    std::int64_t attempts = 1;
    double first_wait_s = 1, factor = 2, max_wait_s = 300;
    double jitter = 0.1;  // up to this part of the wait is added
    std::optional<double> total_s;
    std::vector<std::string> on;

    bool covers(const Error& error) const;
    // Before the attempt after `made` ones; `chance` is 0…1.
    std::chrono::microseconds wait(std::int64_t made, const Error& error, double chance) const;
};

// data.on_error: "fail" (the run), "continue" (through the first port), "port" (through "error"); without it
// "port" when something is connected to "error", else "fail".
enum class OnError { Unsaid, Fail, Continue, Port };

struct NodePolicy {
    JoinRule join;
    RetryRule retry;
    OnError on_error = OnError::Unsaid;
    std::optional<std::chrono::milliseconds> timeout;  // data.timeout_s, from when the node was entered
    std::int64_t max_iterations = 0;  // data.max_iterations of a node that a cycle comes back to
};

// Null when the node says nothing. Invalid: the message begins with the parameter ("retry.attempts: …").
Result<std::unique_ptr<NodePolicy>> readPolicy(const Json& data, const NodeType& type);
// Whether any node may have this parameter.
bool isPolicyKey(std::string_view key);

}  // namespace signalbox::workflow

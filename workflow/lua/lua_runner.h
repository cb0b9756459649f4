// Runs scripts outside the daemon: each call goes to a `signalbox-worker` process that has no files, no
// network, no database and no keys, and that is killed when it overruns its budget. A worker that dies costs
// no run: the call is tried once more on a fresh one, then fails.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace signalbox::workflow {

struct ScriptCall {
    std::string node_id;         // names the chunk in errors: node:<id>
    std::string_view source;     // Lua text, at most 256 KiB, defines `function run(item)`
    std::string_view item_json;  // at most 1 MiB
    std::uint64_t seed = 0;      // signalbox.random and the like; recorded by the run
    TimePoint now{};             // signalbox.now(); recorded by the run
    std::chrono::milliseconds cpu_budget{100};
};

struct ScriptResult {
    std::string result_json;        // what run(item) returned
    std::vector<std::string> logs;  // lines of signalbox.log, at most 64 KiB
};

// Thread-safe; a call occupies one worker process.
class LuaRunner {
public:
    virtual ~LuaRunner() = default;
    // Errors: Invalid with code E_LUA_SYNTAX, E_LUA_RUNTIME (message has line), E_LUA_RESULT, E_LUA_TIME,
    // E_LUA_MEMORY, E_LUA_KILLED; Unavailable when no worker can be started.
    virtual Result<ScriptResult> run(const ScriptCall& call) = 0;
    // Compiles only; E_LUA_SYNTAX with the line, or that `run` is missing.
    virtual Status check(std::string_view source) = 0;
};

struct LuaRunnerOptions {
    std::string worker_path;  // empty: `signalbox-worker` beside the running program
    unsigned workers = 2;
    std::size_t memory_limit = 32 * 1024 * 1024;
    const Clock* clock = nullptr;  // for parking scripts that kill; null: the system's. Outlives the runner
};
// Starts the workers; errors: Unavailable, with the reason, when that fails.
Result<std::unique_ptr<LuaRunner>> makeLuaRunner(const LuaRunnerOptions& options);

}  // namespace signalbox::workflow

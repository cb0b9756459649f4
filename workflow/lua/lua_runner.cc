#include "workflow/lua/lua_runner.h"

#include <algorithm>

#include "base/log.h"
#include "base/program_path.h"
#include "workflow/lua/parked_scripts.h"
#include "workflow/lua/worker_pool.h"

namespace signalbox::workflow {
namespace {

using namespace std::chrono_literals;
using worker::Action;
using worker::RequestHead;
using worker::Verdict;

constexpr std::chrono::milliseconds kMaxBudget = 2s;
constexpr std::size_t kLeastMemory = 1 << 20, kMostMemory = 64 << 20;

const char* codeOf(Verdict verdict) {
    switch (verdict) {
        case Verdict::Syntax:
            return "E_LUA_SYNTAX";
        case Verdict::Result:
            return "E_LUA_RESULT";
        case Verdict::Time:
            return "E_LUA_TIME";
        case Verdict::Memory:
            return "E_LUA_MEMORY";
        default:
            return "E_LUA_RUNTIME";
    }
}

Error invalid(const char* code, std::string message) {
    return Error{ErrorKind::Invalid, std::move(message), {}, code};
}

// What can stand in Lua's chunk names and in one line of a log.
std::string printable(std::string_view node_id) {
    std::string out(node_id.substr(0, worker::kMaxNodeId));
    std::replace_if(
        out.begin(), out.end(), [](char c) { return c <= ' ' || c > '~'; }, '_');
    return out;
}

std::vector<std::string> linesOf(std::string_view log) {
    std::vector<std::string> lines;
    while (!log.empty()) {
        const auto end = log.find('\n');
        lines.emplace_back(log.substr(0, end));
        log.remove_prefix(end == std::string_view::npos ? log.size() : end + 1);
    }
    return lines;
}

class PooledRunner : public LuaRunner {
public:
    explicit PooledRunner(const LuaRunnerOptions& options)
        : memory_limit_(std::clamp(options.memory_limit, kLeastMemory, kMostMemory)),
          parked_(options.clock != nullptr ? *options.clock : system_clock_),
          workers_(options.worker_path.empty() ? programBeside("signalbox-worker") : options.worker_path,
                   std::max(1u, options.workers)) {}

    Status start() { return workers_.waitUntilStarted(); }

    Result<ScriptResult> run(const ScriptCall& call) override {
        auto answer = ask(Action::Run, call);
        if (!answer) return answer.error();
        return ScriptResult{std::move(answer->text), linesOf(answer->log)};
    }

    Status check(std::string_view source) override {
        ScriptCall call;
        call.node_id = "check";
        call.source = source;
        const auto answer = ask(Action::Check, call);
        if (!answer) return answer.error();
        return Done{};
    }

private:
    Result<Answer> ask(Action action, const ScriptCall& call) {
        const std::string node_id = printable(call.node_id), node = "node:" + node_id + ": ";
        if (call.source.size() > worker::kMaxSource)
            return invalid("E_LUA_SYNTAX", node + "the script is longer than 256 KiB");
        if (call.item_json.size() > worker::kMaxItem)
            return invalid("E_LUA_MEMORY", node + "the item is larger than 1 MiB; pass references");
        if (const auto until = parked_.parkedUntil(call.source))
            return invalid("E_LUA_KILLED",
                           node +
                               "the script killed its worker three times in ten minutes and is "
                               "not run until " +
                               toRfc3339(*until) + "; change it to run it before");
        auto answer = attempt(headFor(action, call, node_id), {node_id, call.source, call.item_json}, node);
        if (answer && answer->verdict != Verdict::Ok) return invalid(codeOf(answer->verdict), answer->text);
        return answer;
    }

    RequestHead headFor(Action action, const ScriptCall& call, std::string_view node_id) const {
        RequestHead head{};
        head.action = action;
        head.seed = call.seed;
        head.now_us = toMicros(call.now);
        head.cpu_budget_us =
            static_cast<std::uint32_t>(std::clamp(call.cpu_budget, 1ms, kMaxBudget).count() * 1000);
        head.memory_limit = static_cast<std::uint32_t>(memory_limit_);
        head.node_id_size = static_cast<std::uint32_t>(node_id.size());
        head.source_size = static_cast<std::uint32_t>(call.source.size());
        head.item_size = static_cast<std::uint32_t>(call.item_json.size());
        head.size = static_cast<std::uint32_t>(sizeof head - sizeof head.size) + head.node_id_size +
                    head.source_size + head.item_size;
        return head;
    }

    // A worker that dies may have died of anything, so the call is tried once more. One that had to be killed
    // was given its time, and would use it up again.
    Result<Answer> attempt(const RequestHead& head, const std::vector<std::string_view>& parts,
                           const std::string& node) {
        for (int tries = 1;; ++tries) {
            auto worker = workers_.borrow();
            if (!worker) return worker.error();
            auto exchange = (*worker)->ask(head, parts);
            if (exchange.ending == Ending::Answered) {
                workers_.giveBack(std::move(*worker));
                return std::move(exchange.answer);
            }
            workers_.replaceLost();
            parked_.noteKill(parts[1]);
            const bool is_overrun = exchange.ending == Ending::Killed;
            log::warn("script_worker_lost",
                      {{"node", std::string(parts[0])}, {"cause", is_overrun ? "overrun" : "died"}});
            if (is_overrun)
                return invalid("E_LUA_KILLED", node + "the script did not end after " +
                                                   std::to_string(head.cpu_budget_us / 1000) +
                                                   " ms and was killed");
            if (tries == 2) return invalid("E_LUA_KILLED", node + "the script killed its worker, twice");
        }
    }

    SystemClock system_clock_;
    const std::size_t memory_limit_;
    ParkedScripts parked_;
    ScriptWorkers workers_;
};

}  // namespace

Result<std::unique_ptr<LuaRunner>> makeLuaRunner(const LuaRunnerOptions& options) {
    auto runner = std::make_unique<PooledRunner>(options);
    if (auto started = runner->start(); !started) return started.error();
    return std::unique_ptr<LuaRunner>(std::move(runner));
}

}  // namespace signalbox::workflow

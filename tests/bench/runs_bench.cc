// The workflow engine without HTTP and without the sandbox (the script is a C++ function): callbacks into the
// log, webhook → if → lua → respond out of it, with full history. usage: bench_runs FOLDER [SECONDS]
// [IN_FLIGHT]; prints runs per second and the time to the answer.
#include <algorithm>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "hub/accounts/accounts.h"
#include "tests/support/flow.h"
#include "workflow/engine/engine.h"

using namespace signalbox;
using namespace signalbox::workflow;

namespace {

using SteadyTime = std::chrono::steady_clock::time_point;

struct NoEffects : Effects {
    Result<std::function<void(Tx&)>> prepare(const EffectRequest&) override {
        return Error{ErrorKind::NotFound, "the bench sends nothing"};
    }
};

struct EchoLua : LuaRunner {
    Result<ScriptResult> run(const ScriptCall& call) override {
        return ScriptResult{std::string(call.item_json), {}};
    }
    Status check(std::string_view) override { return Done{}; }
};

// Keeps `limit` events without an answer in the log.
class Meter : public ResponseSink {
public:
    explicit Meter(std::size_t limit) : limit_(limit) {}

    void respond(std::int64_t offset, HttpResponse) override { end(offset); }
    void finished(std::int64_t offset) override { end(offset); }
    void failed(std::int64_t offset) override { end(offset); }

    void waitForRoom() {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return in_flight_ < limit_; });
        ++in_flight_;
    }
    void begun(std::int64_t offset, SteadyTime at) {
        std::lock_guard lock(mutex_);
        begun_[offset] = at;
    }
    void waitForAll() {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return in_flight_ == 0; });
    }
    void print(double seconds) {
        std::sort(micros_.begin(), micros_.end());
        if (micros_.empty()) return;
        const auto at = [&](double share) {
            return micros_[static_cast<std::size_t>(share * (micros_.size() - 1))] / 1000.0;
        };
        std::printf("runs_per_s %.0f p50_ms %.2f p99_ms %.2f\n", micros_.size() / seconds, at(0.5), at(0.99));
    }

private:
    void end(std::int64_t offset) {
        std::lock_guard lock(mutex_);
        const auto at = begun_.find(offset);
        if (at == begun_.end()) return;
        const auto took = std::chrono::steady_clock::now() - at->second;
        micros_.push_back(
            static_cast<double>(std::chrono::duration_cast<std::chrono::microseconds>(took).count()));
        begun_.erase(at);
        --in_flight_;
        changed_.notify_all();
    }

    const std::size_t limit_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::size_t in_flight_ = 0;
    std::unordered_map<std::int64_t, SteadyTime> begun_;
    std::vector<double> micros_;
};

const std::string kNodes =
    R"("t":{"type":"trigger.webhook"},"i":{"type":"if","condition":"content.body.amount > 10"},
    "l":{"type":"lua","source":"function run(item) return {ok = true} end"},
    "r":{"type":"respond","body":{"ok":true}})";

std::string payload() {
    return dumpJson({{"kind", "event"},
                     {"account", "shop"},
                     {"channel", "webhook"},
                     {"event_type", "webhook.received"},
                     {"content",
                      {{"event", "order.paid"},
                       {"method", "POST"},
                       {"headers", {{"content-type", "application/json"}}},
                       {"body", {{"amount", 42}, {"order", "A-1000"}, {"note", std::string(300, 'x')}}}}}});
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 2) return std::fprintf(stderr, "usage: bench_runs FOLDER [SECONDS] [IN_FLIGHT]\n"), 2;
    const int seconds = argc > 2 ? std::atoi(argv[2]) : 5;
    const std::size_t limit = argc > 3 ? static_cast<std::size_t>(std::atoi(argv[3])) : 256;
    std::filesystem::create_directories(argv[1]);
    StoreOptions options;
    options.url = "sqlite://" + std::string(argv[1]) + "/runs.db";
    auto store = openStore(options);
    if (!store) return std::fprintf(stderr, "%s\n", store.error().message.c_str()), 1;
    SystemClock clock;
    Ids ids(clock, 1);
    EventLog log(**store, clock);
    EchoLua echo;
    NoEffects effects;
    Meter meter(limit);
    WorkflowStore workflows(**store, ids, clock, &echo);
    (void)ensureOrganization(**store, clock, "bench");
    if (!workflows.saveDraft(1, "bench", flowText(kNodes, "t>i i:true>l l>r"))) return 1;
    if (const auto published = workflows.publish(1, "bench", "bench"); !published || !published->is_published)
        return 1;
    Engine engine({**store, clock, ids, log, workflows, effects, &echo, &meter}, {});
    engine.start();
    while (!engine.isReady()) std::this_thread::yield();

    const std::string text = payload();
    const auto begin = std::chrono::steady_clock::now();
    while (std::chrono::steady_clock::now() - begin < std::chrono::seconds(seconds)) {
        meter.waitForRoom();
        const auto now = std::chrono::steady_clock::now();
        (*store)->write(
            [&](Tx& tx) {
                meter.begun(log.append(tx, {1, "webhook.received", 1, 0, text}), now);
            },
            [](const Status&) {});
    }
    meter.waitForAll();
    meter.print(std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
    engine.stop();
    (*store)->close();
    return 0;
}

// The durable runtime of workflows: follows the event log, starts and resumes runs, and writes each walk in
// one commit: run, history, outbox rows and waits together. Exactly once in the database: a run is unique by
// its trigger, a walk by its run's revision, and the cursor in the log only passes what is committed. A crash
// before a commit just walks again; nothing was sent, because everything leaves through the outbox rows of
// that commit.
//
// Threads: one follows the log, one watches the time, `workers` walk. Public calls from any thread; answers
// come on the store's writer thread.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "base/bounded_queue.h"
#include "base/clock.h"
#include "base/ids.h"
#include "hub/accounts/accounts.h"
#include "hub/log/event_log.h"
#include "hub/store/store.h"
#include "workflow/engine/alarm_clock.h"
#include "workflow/engine/catalog.h"
#include "workflow/engine/event_waits.h"
#include "workflow/engine/ports.h"
#include "workflow/engine/redactor.h"
#include "workflow/engine/run_commit.h"
#include "workflow/engine/run_leases.h"
#include "workflow/engine/step.h"
#include "workflow/engine/watermark.h"

namespace signalbox::workflow {

struct EngineOptions {
    unsigned workers = 2;
    std::size_t window = 4096;  // events in flight
    Json env = Json::object();  // what expressions read as env.…; never secrets
    Redactor redactor;
};

// All outlive the engine; `lua`, `responses`, `actions` and `rows` may be null.
struct EngineParts {
    Store& store;
    Clock& clock;
    Ids& ids;
    EventLog& log;
    WorkflowStore& workflows;
    Effects& effects;
    LuaRunner* lua = nullptr;
    ResponseSink* responses = nullptr;
    Actions* actions = nullptr;
    RowSource* rows = nullptr;
    const Accounts* accounts = nullptr;  // what happens on users' own is passed by
};

struct ManualStart {
    Id org = 0;
    std::string workflow;
    Json input = Json::object();
    bool is_dry = false;
    std::string key;  // of the caller: the same key gives the same run; empty: always a new one
    std::string version = "published";  // or a number, or "draft"
};

enum class RetryFrom { Failure, Start };  // keep the outputs of nodes that are done, or run everything again

// A past run's input once more. Dry unless asked otherwise, so that nobody is written to twice by a look at
// what would happen now.
struct Replay {
    Id org = 0, run = 0;
    std::int64_t version = 0;  // 0: the current one, or the run's own when nothing is published
    bool is_dry = true;
    std::string from_node;       // empty: from the start; else only this node and what is behind it
    Json pins = Json::object();  // with from_node: outputs to take instead of the past run's, by node
};

// One node alone.
struct NodeTrial {
    Id org = 0;
    std::string workflow, version = "draft", node;
    Json input = Json::object();    // what comes in
    Json trigger;                   // what expressions read of the event; null: the input
    Json outputs = Json::object();  // what expressions read as nodes.<id>.output
};

struct EngineStats {
    std::uint64_t runs_started = 0, walks = 0, runs_succeeded = 0, runs_failed = 0;
    std::size_t events_in_flight = 0, timers_in_flight = 0;
    std::int64_t offset = 0;  // the log is worked off up to here
};

// The triggers that a past run's input matches in this version; those of a run by hand when none does.
std::vector<std::uint32_t> entryFor(const CompiledWorkflow& workflow, const Json& input);

class Engine {
public:
    using RunDone = std::function<void(Result<Id>)>;
    using CancelDone = std::function<void(Status)>;

    Engine(EngineParts parts, EngineOptions options);
    ~Engine();

    // Returns at once; workflows are loaded and interrupted runs taken up on the engine's own threads.
    void start();
    // Lets walks in progress commit, saves the cursor. The store must still be open. Called again it does
    // nothing.
    void stop();

    // `done` gets the run once it is stored; it runs afterwards. NotFound: no such published workflow.
    void startManual(ManualStart start, RunDone done);
    // A new run with the input of one that is over. RetryFrom::Failure (runs that failed, by error or
    // deadline): the same version, nodes that were done keep their outputs, failed and interrupted ones run
    // again. RetryFrom::Start: everything again, on the current version. Conflict: the run is not over, or
    // has nothing to go on from.
    void retry(Id org, Id run, RetryFrom from, RunDone done);
    // A new run. NotFound: run_not_found, node_not_found, version_not_found. Conflict: node_not_reached.
    void replay(Replay wish, RunDone done);
    // Runs the node dry and gives back what it did: {status, port, output, request, logs, error,
    // skipped}, for a trigger {status, matches}, and {status: "refused", findings} when it cannot run as it
    // stands. Nothing is stored.
    Result<Json> tryNode(const NodeTrial& trial);
    // Conflict with the status it has when it is over already. What is in the outbox already is not called
    // back.
    void cancel(Id org, Id run, CancelDone done);
    // Wakes every node that awaits `key`. Returns how many there were.
    std::size_t deliver(Id org, const std::string& key, const Json& data);

    // True once workflows are loaded and the log is followed.
    bool isReady() const { return is_ready_; }
    EngineStats stats() const;
    // What is published now, on this node or another.
    TriggerIndexRef published() const { return catalog_.index(); }

private:
    // Kept by what is in flight; its last copy going away marks the event as done. Shared by the runs of an
    // event.
    using Hold = std::shared_ptr<void>;
    enum class Cause { Begin, Receipt, Answer, Wake, Event, LookBack };
    // Changes that a commit could not make, by workflow, node and loops; walked again, they are these nodes'
    // errors.
    using Refusals = std::map<std::string, Error>;
    struct Job {
        LogRecordRef record;  // an event that may start runs; else a run to go on with
        Id run = 0;
        Cause cause = Cause::Wake;
        std::int64_t seq = 0;
        std::int64_t offset = 0;           // of the event that it tells the run of; 0: none
        std::string key;                   // of the wait that an event of the log answers
        std::shared_ptr<const Json> data;  // shared by the repetitions of a job that was overtaken
        Hold hold;
        std::shared_ptr<Refusals> refusals;  // shared by its walks and their writes, which take turns
    };
    // One write: the runs of an event, or the walk of one run.
    struct Batch {
        std::vector<RunCommit> commits;
        std::optional<std::int64_t> offset;  // of the event that these runs answer
        Job job;
        int attempts = 0;
        bool is_refused = false;  // by a change that could not be made; set anew by each write
    };
    using BatchRef = std::shared_ptr<Batch>;  // shared by the write and its callback

    // engine.cc: threads and the log.
    void follow(const std::stop_token& stop);
    void recover();
    // Counts that the run, of which this was read, is taken up after a daemon may have died in it. False: too
    // often, it is in quarantine now; or another daemon took it. Waits for the commit.
    bool isRecoveredAgain(Id run, RunStatus status, std::optional<TimePoint> wake_at);
    void renewLeases();
    void dispatch(const LogRecordRef& record);
    void takeChanges(const LogRecordRef& record);
    void dispatchReceipt(const LogRecordRef& record, Hold hold);
    void saveCursorWhenDue(bool is_last);
    bool ring(Id run);
    void push(Job job);
    void work(unsigned index);

    // engine_walks.cc: what workers do.
    void startRuns(const Job& job);
    void goOn(const Job& job);
    void takeUpLeft(const RunRow& row);
    std::optional<RunCommit> walkRun(RunRow row, const Job& job);
    bool mayKill(const RunState& state, const RunRow& row, const Job& job);
    std::optional<Walk> walkFor(const CompiledWorkflow& workflow, RunState& state, const RunRow& row,
                                const Job& job, const WalkContext& context);
    // `depth`: runs above it.
    RunCommit beginRun(const WorkflowRef& workflow, std::vector<std::uint32_t> triggers, Json event,
                       const Job& job, std::int64_t depth);
    std::int64_t depthOf(const LogRecord& event);
    Status prepareChild(const RunRow& parent, Child& child, const Refusals& refusals);
    Result<WorkflowRef> publishedNow(Id org, const std::string& name);
    // What every new run has of its workflow; `state` holds the trigger's data and the entry.
    RunRow newRow(const CompiledWorkflow& workflow, const RunState& state);
    void addFailureHandler(const Job& job, Batch& batch);
    WalkContext contextFor(const CompiledWorkflow& workflow, const RunRow& row,
                           std::shared_ptr<Refusals> refusals);

    // engine_events.cc: nodes that wait for events.
    void dispatchToWaits(const LogRecordRef& record, const Hold& hold);
    void answerWaits(const Job& job);
    void lookBack(const Job& job);
    using Candidate = std::pair<std::int64_t, std::shared_ptr<const Json>>;  // an event's offset and itself
    // `answer` names the wait.
    std::optional<Candidate> firstWanted(const RunRow& row, const std::vector<Candidate>& candidates,
                                         Job& answer);
    void lookBackFor(const RunCommit& commit);
    bool isHeardAlready(const Job& job) const;
    void noteHeard(const Job& job, RunCommit& commit);
    bool isWanted(const CompiledWorkflow& workflow, const RunState& state, const Job& job) const;

    // engine_commit.cc: writing, and what follows from it.
    // Every write whose callback needs the engine: stop waits for them.
    void submit(Writes writes, Written done);
    static void refuseChildren(const Batch& batch, const Error& error);
    void commit(BatchRef batch);
    void committed(const BatchRef& batch, const Status& status);
    void writeLater(BatchRef batch);
    void tell(const Batch& batch);
    void tellResponse(std::int64_t offset, std::vector<const RunCommit*> commits);
    void announce(const RunCommit& commit);
    void announceNew(const RunRow& row);
    void beginNow(Id run);

    // engine_control.cc, engine_replay.cc: calls from people.
    void insertAndRun(RunRow row, std::string pinned, RunDone done);

    EngineParts parts_;
    const EngineOptions options_;
    Catalog catalog_;
    EventWaits event_waits_;
    Watermark watermark_;
    std::atomic<std::size_t> rings_in_flight_{0};
    RunLeases leases_;
    AlarmClock alarms_;  // after what the holds of its postponed jobs touch
    std::vector<std::unique_ptr<BoundedQueue<Job>>> queues_;  // a run's id picks its queue
    std::vector<std::thread> workers_;
    std::jthread follower_;
    std::int64_t careful_until_ = 0;  // events up to here may have brought the daemon down: run row first
    TimePoint began_at_{};            // what was due by then may have done so as well
    std::atomic<int> careful_walks_;  // that are counted before they are walked, at most
    std::atomic<unsigned> next_queue_{0};
    std::atomic<bool> is_ready_{false}, is_closed_{false};
    std::vector<Id> changed_;        // workflows that another node may have published; follower thread
    std::int64_t saved_offset_ = 0;  // follower thread
    TimePoint saved_at_{};

    mutable std::mutex mutex_;
    std::condition_variable idle_;
    std::size_t writes_in_flight_ = 0;
    struct Awaited {
        std::size_t runs = 0;  // that wait and may still answer
        bool has_failed = false;
    };
    std::unordered_map<std::int64_t, Awaited> awaited_;  // by event
    EngineStats stats_;
};

}  // namespace signalbox::workflow

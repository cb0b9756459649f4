// Events that answer nodes which wait for them: as they come, and, when a node begins to wait, those that
// came since the run began. Which of them a wait took is kept beside the run (table run_heard), so that none
// answers twice.
#include <algorithm>

#include "base/log.h"
#include "workflow/engine/engine.h"

namespace signalbox::workflow {
namespace {

constexpr std::int64_t kMaxLookedBack = 100;  // candidates of one wait

// The newest offset before a time: where to look from for a run that no event started.
std::int64_t offsetBefore(Reader& reader, TimePoint time) {
    const Rows ends =
        reader.query("SELECT COALESCE(MIN(log_offset), 0), COALESCE(MAX(log_offset), 0) FROM events");
    std::int64_t low = ends.at(0).integer(0), high = ends.at(0).integer(1) + 1;
    while (low < high) {
        const std::int64_t middle = low + (high - low) / 2;
        const Rows at = reader.query(
            "SELECT created_at FROM events WHERE log_offset >= $1 ORDER BY log_offset LIMIT 1", {middle});
        if (!at.empty() && at[0].integer(0) < toMicros(time)) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low - 1;
}

std::int64_t heardUpTo(Reader& reader, Id run, std::string_view key) {
    const Rows rows =
        reader.query("SELECT log_offset FROM run_heard WHERE run = $1 AND wait_key = $2", {run, key});
    return rows.empty() ? 0 : rows[0].integer(0);
}

}  // namespace

Json eventJson(const LogRecord& record);

void Engine::dispatchToWaits(const LogRecordRef& record, const Hold& hold) {
    if (!event_waits_.listens(record->type)) return;
    Job job;
    job.record = record;
    job.cause = Cause::Event;
    job.hold = hold;
    push(std::move(job));
}

void Engine::answerWaits(const Job& job) {
    const LogRecord& record = *job.record;
    const auto event = std::make_shared<const Json>(eventJson(record));
    for (const auto& key : event_waits_.keysOf(record.type, *event, record.conversation)) {
        std::vector<WaitingRun> waiting;
        parts_.store.read([&](Reader& reader) { waiting = findWaits(reader, record.org, key); });
        for (const auto& one : waiting) {
            Job answer;
            answer.run = one.run;
            answer.cause = Cause::Answer;
            answer.seq = one.seq;
            answer.offset = record.offset;
            answer.key = key;
            answer.data = event;
            answer.hold = job.hold;
            push(std::move(answer));
        }
    }
}

void Engine::lookBack(const Job& job) {
    std::vector<Job> found;
    parts_.store.read([&](Reader& reader) {
        const auto row = loadRun(reader, job.run);
        if (!row || isOver(row->status)) return;
        const auto began = triggerOffset(*row);
        std::optional<std::int64_t> start = began;
        for (const Row& wait :
             reader.query("SELECT wait_key, seq FROM run_waits WHERE run = $1 ORDER BY seq", {job.run})) {
            const auto key = EventKey::parse(wait.text(0));
            if (!key) continue;
            if (!start) start = offsetBefore(reader, row->started_at);
            const auto from = std::max(*start, heardUpTo(reader, job.run, wait.text(0)));
            std::int64_t candidates = 0;
            for (const Row& one : reader.query(
                     "SELECT log_offset, org, type, account, conversation, payload, created_at FROM events"
                     " WHERE log_offset > $1 AND org = $2 AND type = $3 ORDER BY log_offset",
                     {from, row->org, key->type})) {
                const LogRecord record{one.integer(0),
                                       one.integer(1),
                                       one.text(2),
                                       one.integer(3),
                                       one.integer(4),
                                       one.text(5),
                                       fromMicros(one.integer(6))};
                auto event = std::make_shared<const Json>(eventJson(record));
                if (!key->path.empty() && valueAt(*event, key->path, record.conversation) != key->value)
                    continue;
                Job answer;
                answer.run = job.run;
                answer.cause = Cause::Answer;
                answer.seq = wait.integer(1);
                answer.offset = record.offset;
                answer.key = wait.text(0);
                answer.data = std::move(event);
                found.push_back(std::move(answer));
                if (++candidates == kMaxLookedBack) break;
            }
        }
    });
    // In their order: the first that the node wants is taken, the others find the wait gone.
    for (auto& answer : found) push(std::move(answer));
}

void Engine::lookBackFor(const RunCommit& commit) {
    const bool waits_for_events =
        std::any_of(commit.waits.begin(), commit.waits.end(),
                    [](const WaitRow& wait) { return EventKey::parse(wait.key).has_value(); });
    if (!waits_for_events) return;
    Job job;
    job.run = commit.row.id;
    job.cause = Cause::LookBack;
    push(std::move(job));
}

bool Engine::isHeardAlready(const Job& job) const {
    if (job.key.empty()) return false;
    std::int64_t heard = 0;
    parts_.store.read([&](Reader& reader) { heard = heardUpTo(reader, job.run, job.key); });
    return numberAt(*job.data, "offset") <= heard;
}

// In the commit of the walk that the event answers.
void Engine::noteHeard(const Job& job, RunCommit& commit) {
    if (job.key.empty()) return;
    const std::int64_t offset = numberAt(*job.data, "offset");
    commit.effects.push_back([run = job.run, key = job.key, offset](Tx& tx) {
        tx.exec(
            "INSERT INTO run_heard (run, wait_key, log_offset) VALUES ($1, $2, $3)"
            " ON CONFLICT (run, wait_key) DO UPDATE SET log_offset = $3",
            {run, key, offset});
    });
}

// Whether the node that waits wants this very event; an answer that is no event of the log always is wanted.
bool Engine::isWanted(const CompiledWorkflow& workflow, const RunState& state, const Job& job) const {
    if (job.key.empty()) return true;
    const auto wait = std::find_if(state.waits.begin(), state.waits.end(),
                                   [&](const WaitEntry& one) { return one.seq == job.seq; });
    if (wait == state.waits.end()) return false;
    const CompiledNode& node = workflow.nodes[wait->node];
    const auto wanted = node.type->matches(*node.prepared, *job.data);
    if (!wanted)
        log::debug("wait_not_decided",
                   {{"workflow", workflow.name}, {"node", node.id}, {"error", wanted.error().message}});
    return wanted && *wanted;
}

}  // namespace signalbox::workflow

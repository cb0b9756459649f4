// Events that answer nodes which wait for them: as they come, and, when a node begins to wait, those that
// came since the run began. Which of them a wait took is kept beside the run (table run_heard), so that none
// answers twice.
#include <algorithm>

#include "base/log.h"
#include "base/own_json.h"
#include "workflow/engine/engine.h"

namespace signalbox::workflow {
namespace {

// Of the log in one go: so many offsets, events of the type, bytes of them.
constexpr std::int64_t kStretch = 10'000, kStretchEvents = 200;
constexpr std::size_t kStretchBytes = 4 << 20;
constexpr std::string_view kOfType =
    "SELECT log_offset, org, type, account, conversation, payload, created_at FROM events"
    " WHERE log_offset > $1 AND log_offset <= $2 AND org = $3 AND type = $4 AND account NOT IN"
    " (SELECT id FROM accounts WHERE private_to <> 0) ORDER BY log_offset LIMIT $5";

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

namespace {

// A piece of the log behind `from`, with the events in it that have the wait's value.
struct Stretch {
    std::vector<std::pair<std::int64_t, std::shared_ptr<const Json>>> candidates;
    std::int64_t end = 0;  // it is looked through up to here
    bool is_last = true;
};

Stretch readStretch(Reader& reader, const RunRow& run, const EventKey& key, std::int64_t from) {
    Stretch out;
    const std::int64_t head =
        reader.query("SELECT COALESCE(MAX(log_offset), 0) FROM events").at(0).integer(0);
    out.end = std::min(head, from + kStretch);
    std::size_t bytes = 0;
    const Rows rows = reader.query(kOfType, {from, out.end, run.org, key.type, kStretchEvents});
    if (rows.size() == static_cast<std::size_t>(kStretchEvents)) out.end = rows.back().integer(0);
    for (const Row& row : rows) {
        const LogRecord record{row.integer(0),
                               row.integer(1),
                               row.text(2),
                               row.integer(3),
                               row.integer(4),
                               row.text(5),
                               fromMicros(row.integer(6))};
        bytes += record.payload.size();
        auto event = std::make_shared<const Json>(eventJson(record));
        if (key.path.empty() || valueAt(*event, key.path, record.conversation) == key.value)
            out.candidates.emplace_back(record.offset, std::move(event));
        if (bytes < kStretchBytes) continue;
        out.end = record.offset;
        break;
    }
    out.is_last = out.end >= head;
    return out;
}

}  // namespace

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

// A piece of the log at a time, each a job of its own, so that other runs have their turn: up to the end of
// the log, or to the first event that the node wants.
void Engine::lookBack(const Job& job) {
    std::optional<RunRow> row;
    std::string wait_key;
    Stretch stretch;
    parts_.store.read([&](Reader& reader) {
        row = loadRun(reader, job.run);
        const Rows wait =
            reader.query("SELECT wait_key FROM run_waits WHERE run = $1 AND seq = $2", {job.run, job.seq});
        if (!row || isOver(row->status) || wait.empty()) return;
        wait_key = wait[0].text(0);
        const auto key = EventKey::parse(wait_key);
        if (!key) return;
        std::int64_t from = job.offset;
        if (from == 0) from = triggerOffset(*row).value_or(0);
        if (from == 0) from = offsetBefore(reader, row->started_at);
        from = std::max(from, heardUpTo(reader, job.run, wait_key));
        stretch = readStretch(reader, *row, *key, from);
    });
    if (wait_key.empty()) return;
    Job answer;
    answer.run = job.run;
    answer.cause = Cause::Answer;
    answer.seq = job.seq;
    answer.key = wait_key;
    if (const auto wanted = firstWanted(*row, stretch.candidates, answer)) {
        answer.offset = wanted->first;
        answer.data = wanted->second;
        return push(std::move(answer));
    }
    if (stretch.is_last) return;
    Job next = job;
    next.offset = stretch.end;
    push(std::move(next));
}

std::optional<Engine::Candidate> Engine::firstWanted(const RunRow& row,
                                                     const std::vector<Candidate>& candidates, Job& answer) {
    if (candidates.empty()) return std::nullopt;
    const auto workflow = catalog_.version(row.workflow, row.version);
    auto input = parseJson(row.input, kOwnJson);
    if (!workflow) return std::nullopt;
    const auto state = loadState(**workflow, row.state, input ? std::move(*input) : Json::object());
    if (!state) return std::nullopt;
    for (const auto& candidate : candidates) {
        answer.data = candidate.second;
        if (isWanted(**workflow, *state, answer)) return candidate;
    }
    return std::nullopt;
}

void Engine::lookBackFor(const RunCommit& commit) {
    for (const std::int64_t seq : commit.look_back) {
        Job job;
        job.run = commit.row.id;
        job.cause = Cause::LookBack;
        job.seq = seq;
        push(std::move(job));
    }
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

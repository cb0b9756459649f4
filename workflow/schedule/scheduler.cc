#include "workflow/schedule/scheduler.h"

#include <algorithm>
#include <set>

#include "base/log.h"
#include "workflow/schedule/schedule.h"

namespace signalbox::workflow {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kTrigger = "trigger.schedule";
constexpr std::int64_t kBatch = 256;
constexpr auto kLongestSleep = 60s, kLookForOthers = 1s, kAfterFailure = 1s;

std::chrono::sys_seconds wholeSeconds(TimePoint time) {
    return std::chrono::floor<std::chrono::seconds>(time);
}

// What a trigger asks for, without what only the editor knows; the same text as long as it asks for the same.
std::string specOf(const Json& params) {
    Json spec = Json::object();
    for (const char* key : {"cron", "zone", "every_s", "at", "misfire", "catch_up"})
        if (params.contains(key)) spec[key] = params[key];
    return dumpJson(spec);
}

Json dueEvent(const Schedule& schedule, Id workflow, const std::string& name, const std::string& node,
              std::chrono::sys_seconds due, std::int64_t missed) {
    return {{"to", {{"workflow_id", workflow}, {"node", node}}},
            {"workflow", name},
            {"node", node},
            {"due_at", toRfc3339(TimePoint(due))},
            {"local_time", toRfc3339(due, schedule.zone())},
            {"zone", schedule.zone().name()},
            {"missed", missed}};
}

}  // namespace

Scheduler::Scheduler(Store& store, Clock& clock, EventLog& log, WorkflowStore& workflows)
    : store_(store), clock_(clock), log_(log), workflows_(workflows) {
    workflows_.onPublished([this](const WorkflowRef& workflow) {
        if (const Status synced = sync(*workflow); !synced)
            log::error("schedules_not_saved",
                       {{"workflow", workflow->name}, {"error", synced.error().message}});
    });
    workflows_.onWithdrawn([this](Id workflow) {
        const Status removed = store_.writeAndWait(
            [&](Tx& tx) { tx.exec("DELETE FROM schedules WHERE workflow = $1", {workflow}); });
        // What is left of it starts nothing: the engine finds no published trigger.
        if (!removed) log::error("schedules_not_removed", {{"error", removed.error().message}});
    });
}

Scheduler::~Scheduler() {
    stop();
}

void Scheduler::start() {
    thread_ = std::jthread([this](const std::stop_token& stop) { work(stop); });
}

void Scheduler::stop() {
    thread_.request_stop();
    wakeup_.notify();
    if (thread_.joinable()) thread_.join();
}

void Scheduler::work(const std::stop_token& stop) {
    bool is_synced = false;
    while (!stop.stop_requested()) {
        try {
            if (!is_synced) {
                // A daemon that died between publishing and this leaves rows behind that are not the newest.
                for (const auto& workflow : workflows_.published())
                    if (const Status synced = sync(*workflow); !synced)
                        throw std::runtime_error(synced.error().message);
                is_synced = true;
            }
            if (fireDue() > 0) continue;
            const TimePoint now = clock_.now();
            TimePoint until = now + (store_.isExclusive() ? kLongestSleep : kLookForOthers);
            if (const auto next = nextDue()) until = std::min(until, *next);
            if (until > now) clock_.wait(wakeup_, until, stop);
        } catch (const std::exception& failure) {
            log::error("scheduler_failed", {{"error", failure.what()}});
            clock_.sleepUntil(clock_.now() + kAfterFailure, stop);
        }
    }
}

Status Scheduler::sync(const CompiledWorkflow& workflow) {
    std::set<std::string> wanted;
    std::vector<Row> rows;
    const TimePoint now = clock_.now();
    for (const auto index : workflow.triggers) {
        const CompiledNode& node = workflow.nodes[index];
        if (node.type->name() != kTrigger) continue;
        wanted.insert(node.id);
        Row row{workflow.id, workflow.org, node.id, workflow.name, specOf(node.params), toMicros(now), 0};
        const auto schedule = Schedule::read(node.params);
        if (!schedule) return schedule.error();
        const auto due = schedule->next(wholeSeconds(now), wholeSeconds(now));
        row.due_at = due ? toMicros(*due) : 0;
        rows.push_back(std::move(row));
    }
    const Status written = store_.writeAndWait([&](Tx& tx) {
        for (const auto& known : tx.query("SELECT node FROM schedules WHERE workflow = $1", {workflow.id}))
            if (!wanted.contains(known.text(0)))
                tx.exec("DELETE FROM schedules WHERE workflow = $1 AND node = $2",
                        {workflow.id, known.text(0)});
        for (const auto& row : rows) {
            const Value due = row.due_at == 0 ? Value(nullptr) : Value(row.due_at);
            tx.exec(
                "INSERT INTO schedules (workflow, node, org, name, spec, anchor_at, due_at)"
                " VALUES ($1, $2, $3, $4, $5, $6, $7)"
                " ON CONFLICT (workflow, node) DO UPDATE SET name = $4, spec = $5, anchor_at = $6, due_at = "
                "$7"
                " WHERE schedules.spec <> $5",
                {row.workflow, row.node, row.org, row.name, row.spec, row.anchor_at, due});
        }
    });
    wakeup_.notify();
    return written;
}

std::vector<Scheduler::Row> Scheduler::dueRows() const {
    std::vector<Row> out;
    const std::int64_t now = toMicros(clock_.now());
    store_.read([&](Reader& reader) {
        for (const auto& row :
             reader.query("SELECT workflow, org, node, name, spec, anchor_at, due_at FROM schedules"
                          " WHERE due_at <= $1 ORDER BY due_at LIMIT $2",
                          {now, kBatch}))
            out.push_back({row.integer(0), row.integer(1), row.text(2), row.text(3), row.text(4),
                           row.integer(5), row.integer(6)});
    });
    return out;
}

std::optional<TimePoint> Scheduler::nextDue() const {
    std::optional<TimePoint> next;
    store_.read([&](Reader& reader) {
        const Rows rows = reader.query("SELECT MIN(due_at) FROM schedules WHERE due_at IS NOT NULL");
        if (!rows.empty() && !rows[0].isNull(0)) next = fromMicros(rows[0].integer(0));
    });
    return next;
}

std::size_t Scheduler::fireDue() {
    struct Move {
        Row row;
        std::int64_t next = 0;
        std::vector<std::string> events;
    };
    std::vector<Move> moves;
    const auto now = wholeSeconds(clock_.now());
    for (auto& row : dueRows()) {
        Move move{std::move(row), 0, {}};
        const auto spec = parseJson(move.row.spec);
        const auto schedule = spec ? Schedule::read(*spec) : Result<Schedule>(spec.error());
        if (schedule) {
            const auto firing = schedule->fire(wholeSeconds(fromMicros(move.row.due_at)),
                                               wholeSeconds(fromMicros(move.row.anchor_at)), now);
            if (firing.next) move.next = toMicros(*firing.next);
            for (const auto instant : firing.instants) {
                const bool is_last = instant == firing.instants.back();
                move.events.push_back(
                    dumpJson(dueEvent(*schedule, move.row.workflow, move.row.name, move.row.node, instant,
                                      is_last ? firing.missed : 0)));
            }
            if (firing.missed > 0)
                log::warn("schedule_missed", {{"workflow", move.row.name},
                                              {"node", move.row.node},
                                              {"missed", std::to_string(firing.missed)}});
        } else {  // a zone that tzdata no longer has; publishing again mends it
            log::error(
                "schedule_not_readable",
                {{"workflow", move.row.name}, {"node", move.row.node}, {"error", schedule.error().message}});
        }
        moves.push_back(std::move(move));
    }
    if (moves.empty()) return 0;
    const Status written = store_.writeAndWait([&](Tx& tx) {
        for (const auto& move : moves) {
            const Value next = move.next == 0 ? Value(nullptr) : Value(move.next);
            // Another daemon, or publishing, may have moved it meanwhile.
            const auto moved = tx.exec(
                "UPDATE schedules SET due_at = $3 WHERE workflow = $1 AND node = $2 AND due_at = $4 AND spec "
                "= $5",
                {move.row.workflow, move.row.node, next, move.row.due_at, move.row.spec});
            for (std::size_t i = 0; moved == 1 && i < move.events.size(); ++i)
                log_.append(tx, {move.row.org, "schedule.due", 0, 0, move.events[i]});
        }
    });
    if (!written) throw std::runtime_error("move schedules on: " + written.error().message);
    return moves.size();
}

Json listSchedules(Store& store, Id org) {
    Json items = Json::array();
    store.read([&](Reader& reader) {
        for (const auto& row :
             reader.query("SELECT name, node, spec, due_at FROM schedules WHERE org = $1 ORDER BY name, node",
                          {org})) {
            const auto spec = parseJson(row.text(2));
            items.push_back(
                {{"workflow", row.text(0)},
                 {"node", row.text(1)},
                 {"schedule", spec ? *spec : Json::object()},
                 {"next_at", row.isNull(3) ? Json() : Json(toRfc3339(fromMicros(row.integer(3))))}});
        }
    });
    return {{"items", std::move(items)}, {"next", nullptr}};
}

}  // namespace signalbox::workflow

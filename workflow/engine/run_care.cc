#include "workflow/engine/run_care.h"

#include <algorithm>
#include <vector>

#include "base/ids.h"
#include "workflow/engine/run_causes.h"
#include "workflow/engine/run_responses.h"

namespace signalbox::workflow {
namespace {

constexpr std::string_view kOld =
    "SELECT r.id FROM runs r WHERE r.workflow = $1 AND r.ended_at IS NOT NULL AND r.ended_at < $2"
    " AND r.status NOT IN ('running', 'waiting') AND r.id < $3 ORDER BY r.id LIMIT $4";

// Each by an index of those that are not over.
constexpr std::string_view kOldestWaiting = "SELECT MIN(id) FROM runs WHERE wake_at IS NOT NULL";
constexpr std::string_view kOldestRunning = "SELECT MIN(id) FROM runs WHERE status = 'running'";
constexpr std::chrono::hours kBeforeRun{1};  // its event came a little earlier than itself

struct Keeping {
    Id workflow = 0;
    std::int64_t days = 0;
};

std::vector<Keeping> limitedWorkflows(Store& store) {
    std::vector<Keeping> out;
    store.read([&](Reader& reader) {
        for (const Row& row :
             reader.query("SELECT id, retention_days FROM workflows WHERE retention_days > 0"))
            out.push_back({row.integer(0), row.integer(1)});
    });
    return out;
}

}  // namespace

Result<std::size_t> forgetOldRuns(Store& store, TimePoint now) {
    std::size_t forgotten = 0;
    for (const auto& one : limitedWorkflows(store)) {
        const TimePoint border = now - std::chrono::hours{24} * std::min<std::int64_t>(one.days, 36'500);
        std::size_t count = 0;
        const Status written = store.writeAndWait([&](Tx& tx) {
            const Rows rows = tx.query(kOld, {one.workflow, toMicros(border), firstIdAt(border),
                                              static_cast<std::int64_t>(kForgetBatch - forgotten)});
            count = rows.size();
            for (const Row& row : rows) {
                tx.exec("DELETE FROM run_walks WHERE run = $1", {row.integer(0)});
                tx.exec("DELETE FROM run_waits WHERE run = $1", {row.integer(0)});
                tx.exec("DELETE FROM run_items WHERE run = $1", {row.integer(0)});
                tx.exec("DELETE FROM run_heard WHERE run = $1", {row.integer(0)});
                tx.exec("DELETE FROM runs WHERE id = $1 AND status NOT IN ('running', 'waiting')",
                        {row.integer(0)});
            }
        });
        if (!written) return written.error();
        forgotten += count;
        if (forgotten >= kForgetBatch) return forgotten;
    }
    const Status removed = store.writeAndWait([&](Tx& tx) {
        forgetOldResponses(tx, now);
        forgetOldCauses(tx, now);
        for (const Row& row :
             tx.query("SELECT w.id FROM workflows w WHERE w.deleted_at IS NOT NULL AND NOT EXISTS"
                      " (SELECT 1 FROM runs r WHERE r.workflow = w.id) LIMIT 20")) {
            for (const char* sql :
                 {"DELETE FROM workflow_versions WHERE workflow = $1",
                  "DELETE FROM workflow_history WHERE workflow = $1", "DELETE FROM workflows WHERE id = $1"})
                tx.exec(sql, {row.integer(0)});
        }
    });
    if (!removed) return removed.error();
    return forgotten;
}

std::optional<TimePoint> eventsNeededFrom(Store& store) {
    std::optional<TimePoint> from;
    store.read([&](Reader& reader) {
        for (const std::string_view sql : {kOldestWaiting, kOldestRunning}) {
            const Rows rows = reader.query(sql);
            if (rows.empty() || rows[0].isNull(0)) continue;
            const TimePoint began = idTime(rows[0].integer(0)) - kBeforeRun;
            if (!from || began < *from) from = began;
        }
    });
    return from;
}

}  // namespace signalbox::workflow

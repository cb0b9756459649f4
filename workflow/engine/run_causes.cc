#include "workflow/engine/run_causes.h"

#include <algorithm>
#include <array>

#include "base/own_json.h"
#include "workflow/engine/ports.h"

namespace signalbox::workflow {
namespace {

constexpr std::string_view kNote =
    "INSERT INTO run_causes (cause_key, run, depth, created_at) VALUES ($1, $2, $3, $4)"
    " ON CONFLICT (cause_key) DO NOTHING";
constexpr std::string_view kFind =
    "SELECT depth, created_at FROM run_causes WHERE cause_key = $1 OR cause_key = $2 ORDER BY depth DESC "
    "LIMIT 1";
constexpr std::string_view kCount =
    "INSERT INTO run_families (root, runs) VALUES ($1, $2)"
    " ON CONFLICT (root) DO UPDATE SET runs = run_families.runs + $2 RETURNING runs";
constexpr std::chrono::hours kKept{1}, kFamilyKept{24 * 60};
constexpr std::array<std::string_view, 4> kFromOutside = {"message.received", "webhook.received",
                                                          "form.submitted", "schedule.due"};

std::string eventKey(std::int64_t offset) {
    return "event:" + std::to_string(offset);
}

// The message that an event is about, wherever it says so.
std::string messageKey(std::string_view payload) {
    const auto json = parseJson(payload, kOwnJson);
    if (!json) return "";
    const std::string id = textAt(*json, "message_id", textAt(memberAt(*json, "message"), "id"));
    return id.empty() ? "" : "message:" + id;
}

}  // namespace

bool comesFromOutside(std::string_view event_type) {
    return std::find(kFromOutside.begin(), kFromOutside.end(), event_type) != kFromOutside.end();
}

std::int64_t newestOffset(Tx& tx) {
    return tx.query("SELECT COALESCE(MAX(log_offset), 0) FROM events").at(0).integer(0);
}

void noteCauses(Tx& tx, const RunRow& run, std::int64_t behind, TimePoint now,
                const EventTypes& listened_to) {
    const auto first = listened_to.lower_bound("message.");
    const bool hears_messages = first != listened_to.end() && first->starts_with("message.");
    const auto note = [&](const std::string& key) {
        if (!key.empty()) tx.exec(kNote, {key, run.id, run.depth, toMicros(now)});
    };
    for (const Row& row :
         tx.query("SELECT log_offset, type, payload FROM events WHERE log_offset > $1", {behind})) {
        const std::string type = row.text(1);
        if (listened_to.contains(type)) note(eventKey(row.integer(0)));
        if (hears_messages && type == "message.queued") note(messageKey(row.text(2)));
    }
}

std::int64_t depthOfNext(Reader& reader, const LogRecord& event) {
    if (comesFromOutside(event.type)) return 0;
    const std::string message = event.type.starts_with("message.") ? messageKey(event.payload) : "";
    const Rows rows = reader.query(kFind, {eventKey(event.offset), message});
    if (rows.empty() || event.at - fromMicros(rows[0].integer(1)) > kCauseWindow) return 0;
    return rows[0].integer(0) + 1;
}

Error causedTooDeep() {
    return {ErrorKind::Rejected,
            "more than " + std::to_string(kMaxCausedRuns) +
                " runs, each started by what the one before it did: workflows start one another without end; "
                "give "
                "the trigger a condition that their own changes do not meet",
            {},
            "caused_too_deep"};
}

void countDescendants(Tx& tx, Id root, std::size_t more) {
    const auto runs = tx.query(kCount, {root, static_cast<std::int64_t>(more)}).at(0).integer(0);
    if (runs <= kMaxDescendants) return;
    throw ActionRefused(
        {ErrorKind::Rejected,
         "more than " + std::to_string(kMaxDescendants) + " runs came of run " + idText(kRunId, root) +
             ": a workflow starts itself, or others that start it; end that, or start them from one "
             "for_each",
         {},
         std::string(kTooManyRuns)});
}

void forgetOldCauses(Tx& tx, TimePoint now) {
    tx.exec("DELETE FROM run_causes WHERE created_at < $1", {toMicros(now - kKept)});
    tx.exec("DELETE FROM run_families WHERE root < $1", {firstIdAt(now - kFamilyKept)});
}

}  // namespace signalbox::workflow

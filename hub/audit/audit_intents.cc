#include "hub/audit/audit_intents.h"

namespace signalbox {
namespace {

constexpr std::string_view kNote =
    "INSERT INTO audit_intents (id, org, user_id, token, action, object, details, address, created_at)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (id) DO NOTHING";
constexpr std::string_view kOld =
    "SELECT id, org, user_id, token, action, object, details, address, created_at FROM audit_intents"
    " WHERE created_at < $1 ORDER BY created_at LIMIT 1000";

}  // namespace

void noteIntent(Tx& tx, const AuditRow& row, TimePoint now) {
    tx.exec(kNote, {row.intent, row.org, row.user, row.token, row.action, row.object, row.details,
                    row.address, toMicros(now)});
}

bool endIntent(Tx& tx, std::int64_t intent) {
    return tx.exec("DELETE FROM audit_intents WHERE id = $1", {intent}) > 0;
}

std::size_t recoverIntents(Store& store, Audit& audit, TimePoint now, std::chrono::minutes age) {
    std::vector<AuditRow> rows;
    store.read([&](Reader& reader) {
        for (const Row& found : reader.query(kOld, {toMicros(now - age)})) {
            AuditRow row;
            row.intent = found.integer(0);
            row.org = found.integer(1);
            row.user = found.integer(2);
            row.token = found.integer(3);
            row.action = found.text(4);
            row.object = found.text(5);
            row.details = "begun at " + toRfc3339(fromMicros(found.integer(8))) +
                          ", cut off before its answer " + found.text(6);
            row.address = found.text(7);
            rows.push_back(std::move(row));
        }
    });
    for (AuditRow& row : rows) audit.record(std::move(row), "");
    return rows.size();
}

}  // namespace signalbox

#include "hub/notices/escalations.h"

#include <limits>

namespace signalbox {
namespace {

constexpr std::string_view kInsert =
    "INSERT INTO escalations (id, org, run, workflow, node, path, title, text, link, conversation, steps,"
    " step, state, taken_by, created_at, changed_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 0,"
    " 'open', '', $12, $12)";
constexpr std::string_view kOf =
    "SELECT id, step, state, taken_by, steps, org, title, text, link, conversation, workflow FROM escalations"
    " WHERE run = $1 AND node = $2 AND path = $3 ORDER BY id DESC LIMIT 1";
constexpr std::string_view kShow =
    "SELECT id, run, workflow, node, title, text, link, conversation, steps, step, state, taken_by,"
    " created_at, changed_at FROM escalations WHERE org = $1";

Json toJson(const Row& row) {
    const auto steps = parseJson(row.text(8));
    return {
        {"id", idText(kEscalationId, row.integer(0))},
        {"run_id", idText(kRunId, row.integer(1))},
        {"workflow", row.text(2)},
        {"node", row.text(3)},
        {"title", row.text(4)},
        {"text", row.text(5)},
        {"link", row.text(6)},
        {"conversation_id", row.isNull(7) ? Json(nullptr) : Json(idText(kConversationId, row.integer(7)))},
        {"steps", steps ? *steps : Json::array()},
        {"step", row.integer(9)},
        {"state", row.text(10)},
        {"taken_by", row.text(11)},
        {"created_at", toRfc3339(fromMicros(row.integer(12)))},
        {"changed_at", toRfc3339(fromMicros(row.integer(13)))}};
}

}  // namespace

void Escalations::begin(Tx& tx, const NewEscalation& escalation, const std::vector<Recipient>& first) {
    NewNotice notice = escalation.notice;
    notice.escalation = escalation.id;
    const Value conversation = notice.conversation == 0 ? Value(nullptr) : Value(notice.conversation);
    tx.exec(kInsert,
            {escalation.id, notice.org, escalation.run, escalation.workflow, escalation.node, escalation.path,
             notice.title, notice.text, notice.link, conversation, escalation.steps, toMicros(clock_.now())});
    notices_.add(tx, notice, first);
}

std::optional<Escalation> Escalations::of(Id run, const std::string& node, const std::string& path) const {
    std::optional<Escalation> found;
    store_.read([&](Reader& reader) {
        const Rows rows = reader.query(kOf, {run, node, path});
        if (rows.empty()) return;
        const Row& row = rows[0];
        auto steps = parseJson(row.text(4));
        found = Escalation{row.integer(0),
                           row.integer(1),
                           row.text(2),
                           row.text(3),
                           steps ? std::move(*steps) : Json::array(),
                           {row.integer(5), row.text(6), row.text(7), row.text(8), "workflow:" + row.text(10),
                            row.integer(9), row.integer(0)}};
    });
    return found;
}

void Escalations::moveOn(Tx& tx, const Escalation& escalation, std::int64_t step,
                         const std::vector<Recipient>& recipients) {
    const auto moved = tx.exec(
        "UPDATE escalations SET step = $1, changed_at = $2 WHERE id = $3 AND state = 'open' AND step < $1",
        {step, toMicros(clock_.now()), escalation.id});
    if (moved == 1) notices_.add(tx, escalation.notice, recipients);
}

void Escalations::close(Tx& tx, Id escalation) {
    tx.exec("UPDATE escalations SET state = 'over', changed_at = $1 WHERE id = $2 AND state = 'open'",
            {toMicros(clock_.now()), escalation});
}

Status Escalations::acknowledge(Tx& tx, const Actor& by, Id escalation) {
    const Rows rows =
        tx.query("SELECT state, workflow, step, conversation FROM escalations WHERE org = $1 AND id = $2",
                 {by.org, escalation});
    if (rows.empty()) return Error{ErrorKind::NotFound, "no such escalation", {}, "not_found"};
    const auto taken = tx.exec(
        "UPDATE escalations SET state = 'acknowledged', taken_by = $1, changed_at = $2 WHERE id = $3"
        " AND state = 'open'",
        {by.name, toMicros(clock_.now()), escalation});
    if (taken == 0)
        return Error{ErrorKind::Conflict, "it is " + rows[0].text(0) + " already", {}, "escalation_over"};
    notices_.markTaken(tx, escalation);
    const std::string payload = dumpJson({{"escalation_id", idText(kEscalationId, escalation)},
                                          {"workflow", rows[0].text(1)},
                                          {"step", rows[0].integer(2)},
                                          {"by", by.name}});
    log_.append(tx, {by.org, "escalation.acknowledged", 0, rows[0].integer(3), payload});
    return Done{};
}

PageOfItems Escalations::list(Id org, const std::string& state, const PageRequest& page) const {
    PageOfItems result;
    store_.read([&](Reader& reader) {
        const Id before = page.before == 0 ? std::numeric_limits<Id>::max() : page.before;
        Rows rows = reader.query(
            std::string(kShow) + " AND (state = $2 OR $2 = '') AND id < $3 ORDER BY id DESC LIMIT $4",
            {org, state, before, static_cast<std::int64_t>(page.limit + 1)});
        if (rows.size() > page.limit) {
            rows.erase(rows.begin() + static_cast<std::ptrdiff_t>(page.limit), rows.end());
            result.next = rows.back().integer(0);
        }
        for (const Row& row : rows) result.items.push_back(toJson(row));
    });
    return result;
}

std::optional<Json> Escalations::find(Id org, Id escalation) const {
    std::optional<Json> found;
    store_.read([&](Reader& reader) {
        const Rows rows = reader.query(std::string(kShow) + " AND id = $2", {org, escalation});
        if (!rows.empty()) found = toJson(rows[0]);
    });
    return found;
}

}  // namespace signalbox

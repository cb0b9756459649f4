#include "hub/scheduled/scheduled.h"

#include "base/log.h"
#include "hub/inbox/query.h"

namespace signalbox {
namespace {

constexpr std::string_view kInsert =
    "INSERT INTO scheduled_messages (id, org, author, conversation, request, send_at, state, error, revision,"
    " created_at, changed_at) VALUES ($1, $2, $3, $4, $5, $6, 'pending', '', 1, $7, $7)";
constexpr std::string_view kDue =
    "SELECT id, org, conversation, author, request FROM scheduled_messages WHERE state = 'pending'"
    " AND send_at <= $1 ORDER BY send_at, id LIMIT $2";
constexpr std::string_view kTake =
    "UPDATE scheduled_messages SET state = $1, message = $2, error = $3, changed_at = $4"
    " WHERE id = $5 AND state = 'pending'";
constexpr std::string_view kSelect =
    "SELECT id, author, conversation, request, send_at, state, message, error, created_at"
    " FROM scheduled_messages WHERE TRUE";

Json toJson(const Row& row) {
    const auto request = parseJson(row.text(3));
    return {
        {"id", idText(kScheduledId, row.integer(0))},
        {"author", row.text(1)},
        {"conversation_id", row.isNull(2) ? Json(nullptr) : Json(idText(kConversationId, row.integer(2)))},
        {"message", request ? *request : Json::object()},
        {"send_at", toRfc3339(fromMicros(row.integer(4)))},
        {"state", row.text(5)},
        {"message_id", row.isNull(6) ? Json(nullptr) : Json(idText(kMessageId, row.integer(6)))},
        {"error", row.text(7)},
        {"created_at", toRfc3339(fromMicros(row.integer(8)))}};
}

}  // namespace

void Scheduled::tell(Tx& tx, Id org, Id conversation, Id scheduled, std::string_view state,
                     const std::string& by) {
    const std::string payload = dumpJson({{"scheduled_id", idText(kScheduledId, scheduled)},
                                          {"state", state},
                                          {"direction", "internal"},
                                          {"by", by}});
    log_.append(tx, {org, "message.scheduled", 0, conversation, payload});
}

void Scheduled::add(Tx& tx, const Actor& by, const NewScheduled& scheduled) {
    const Value conversation = scheduled.conversation == 0 ? Value(nullptr) : Value(scheduled.conversation);
    tx.exec(kInsert, {scheduled.id, by.org, by.name, conversation, scheduled.request,
                      toMicros(scheduled.send_at), toMicros(clock_.now())});
    tell(tx, by.org, scheduled.conversation, scheduled.id, "pending", by.name);
}

Status Scheduled::changePending(Tx& tx, Id org, Id scheduled, Id& conversation) {
    const Rows rows = tx.query(
        "SELECT state, conversation FROM scheduled_messages WHERE id = $1 AND org = $2", {scheduled, org});
    if (rows.empty()) return Error{ErrorKind::NotFound, "no such scheduled message", {}, "not_found"};
    if (rows[0].text(0) != "pending")
        return Error{ErrorKind::Conflict, "it is " + rows[0].text(0) + " already", {}, "not_pending"};
    conversation = rows[0].integer(1);
    return Done{};
}

Status Scheduled::reschedule(Tx& tx, const Actor& by, Id scheduled, TimePoint send_at) {
    Id conversation = 0;
    if (auto found = changePending(tx, by.org, scheduled, conversation); !found) return found;
    tx.exec(
        "UPDATE scheduled_messages SET send_at = $1, revision = revision + 1, changed_at = $2 WHERE id = $3",
        {toMicros(send_at), toMicros(clock_.now()), scheduled});
    tell(tx, by.org, conversation, scheduled, "pending", by.name);
    return Done{};
}

Status Scheduled::cancel(Tx& tx, const Actor& by, Id scheduled) {
    Id conversation = 0;
    if (auto found = changePending(tx, by.org, scheduled, conversation); !found) return found;
    tx.exec(kTake, {std::string_view("cancelled"), nullptr, std::string_view(""), toMicros(clock_.now()),
                    scheduled});
    tell(tx, by.org, conversation, scheduled, "cancelled", by.name);
    return Done{};
}

std::optional<TimePoint> Scheduled::sendDue(std::size_t limit) {
    std::vector<Due> due;
    std::optional<TimePoint> next;
    store_.read([&](Reader& reader) {
        for (const Row& row : reader.query(kDue, {toMicros(clock_.now()), static_cast<std::int64_t>(limit)}))
            due.push_back({row.integer(0), row.integer(1), row.integer(2), row.text(3), row.text(4)});
    });
    for (const Due& one : due) send(one);
    store_.read([&](Reader& reader) {
        const Rows rows = reader.query("SELECT MIN(send_at) FROM scheduled_messages WHERE state = 'pending'");
        if (!rows.empty() && !rows[0].isNull(0)) next = fromMicros(rows[0].integer(0));
    });
    return next;
}

void Scheduled::send(const Due& due) {
    RequestSource source{due.org, due.author};
    source.idempotency_key = "scheduled:" + idText(kScheduledId, due.id);
    const auto request = parseJson(due.request);
    const auto prepared =
        request ? outbox_.prepare(*request, source) : Result<PreparedRequest>(request.error());
    const auto written = store_.writeAndWait([&](Tx& tx) {
        const std::int64_t now = toMicros(clock_.now());
        const std::string_view state = prepared ? "sent" : "failed";
        const std::string error = prepared ? "" : prepared.error().message;
        // Another node may have taken it, or a person cancelled it.
        if (tx.exec(kTake, {state, nullptr, error, now, due.id}) == 0) return;
        if (prepared) {
            const Queued queued = outbox_.enqueue(tx, *prepared);
            tx.exec("UPDATE scheduled_messages SET message = $1 WHERE id = $2", {queued.message, due.id});
        }
        tell(tx, due.org, due.conversation, due.id, state, "system");
    });
    if (!written)
        log::warn("scheduled_not_sent",
                  {{"id", idText(kScheduledId, due.id)}, {"error", written.error().message}});
}

PageOfItems Scheduled::list(Id org, Id conversation, const std::string& state,
                            const PageRequest& page) const {
    PageOfItems result;
    store_.read([&](Reader& reader) {
        Query query{std::string(kSelect)};
        query.where("org =", org);
        query.whereId("conversation =", conversation);
        query.whereText("state =", state);
        Rows rows = query.page(reader, "id", page);
        result.next = cutPage(rows, page);
        for (const Row& row : rows) result.items.push_back(toJson(row));
    });
    return result;
}

std::optional<Json> Scheduled::find(Id org, Id scheduled) const {
    std::optional<Json> found;
    store_.read([&](Reader& reader) {
        const Rows rows = reader.query(std::string(kSelect) + " AND org = $1 AND id = $2", {org, scheduled});
        if (!rows.empty()) found = toJson(rows[0]);
    });
    return found;
}

}  // namespace signalbox

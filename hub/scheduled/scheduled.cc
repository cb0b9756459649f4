#include "hub/scheduled/scheduled.h"

#include "base/log.h"
#include "hub/inbox/query.h"

namespace signalbox {
namespace {

constexpr std::string_view kInsert =
    "INSERT INTO scheduled_messages (id, org, author, conversation, request, send_at, state, error, revision,"
    " created_at, changed_at, account) VALUES ($1, $2, $3, $4, $5, $6, 'pending', '', 1, $7, $7, $8)";
constexpr std::string_view kDue =
    "SELECT id, org, conversation, author, request, revision, account FROM scheduled_messages"
    " WHERE state = 'pending' AND send_at <= $1 ORDER BY send_at, id LIMIT $2";
constexpr std::string_view kEnd =
    "UPDATE scheduled_messages SET state = $1, error = $2, changed_at = $3, revision = revision + 1"
    " WHERE id = $4 AND state = 'pending' AND revision = $5";
constexpr std::string_view kChange =
    "UPDATE scheduled_messages SET conversation = $1, request = $2, send_at = $3, changed_at = $4,"
    " author = $5, account = $6, revision = revision + 1 WHERE id = $7";
constexpr std::string_view kSelect =
    "SELECT id, author, conversation, request, send_at, state, message, error, created_at, revision"
    " FROM scheduled_messages s WHERE TRUE";

// Those of conversations that are seen, and those by accounts that are not somebody else's own.
std::string seenBy(const Visibility& view, std::vector<Value>& values) {
    std::string sql =
        "(s.conversation IS NOT NULL OR NOT " + view.isOfOthersAccount("s.account", values) + ")";
    return sql +
           " AND (s.conversation IS NULL OR EXISTS (SELECT 1 FROM conversations c WHERE c.id = s.conversation"
           " AND " +
           view.conversations("c", values) + "))";
}

Value conversationValue(Id conversation) {
    return conversation == 0 ? Value(nullptr) : Value(conversation);
}

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
        {"created_at", toRfc3339(fromMicros(row.integer(8)))},
        {"revision", row.integer(9)}};
}

}  // namespace

void Scheduled::tell(Tx& tx, const Due& about, std::string_view state, const std::string& by) {
    const std::string payload = dumpJson({{"scheduled_id", idText(kScheduledId, about.id)},
                                          {"state", state},
                                          {"direction", "internal"},
                                          {"by", by}});
    log_.append(tx, {about.org, "message.scheduled", about.account, about.conversation, payload});
}

void Scheduled::add(Tx& tx, const Actor& by, const NewScheduled& scheduled) {
    tx.exec(kInsert,
            {scheduled.id, by.org, by.name, conversationValue(scheduled.conversation), scheduled.request,
             toMicros(scheduled.send_at), toMicros(clock_.now()), scheduled.account});
    Due added;
    added.id = scheduled.id;
    added.org = by.org;
    added.conversation = scheduled.conversation;
    added.account = scheduled.account;
    tell(tx, added, "pending", by.name);
}

Status Scheduled::findPending(Tx& tx, const Edit& edit, Id scheduled, Due& found) {
    const Rows rows = tx.query(
        "SELECT state, conversation, request, send_at, revision, author, account FROM scheduled_messages"
        " WHERE id = $1 AND org = $2",
        {scheduled, edit.by.org});
    if (rows.empty()) return Error{ErrorKind::NotFound, "no such scheduled message", {}, "not_found"};
    if (rows[0].text(0) != "pending")
        return Error{ErrorKind::Conflict, "it is " + rows[0].text(0) + " already", {}, "not_pending"};
    found = {scheduled,       edit.by.org,     rows[0].integer(1), rows[0].integer(6),
             rows[0].text(5), rows[0].text(2), rows[0].integer(4)};
    found.send_at = rows[0].integer(3);
    return edit.check(found.revision);
}

Status Scheduled::change(Tx& tx, const Edit& edit, Id scheduled, const ScheduledChange& change) {
    Due now;
    if (auto found = findPending(tx, edit, scheduled, now); !found) return found;
    if (change.request) {
        now.request = *change.request;
        now.conversation = change.conversation;
        now.account = change.account;
        now.author = edit.by.name;  // whose words they are now
    }
    if (change.send_at) now.send_at = toMicros(*change.send_at);
    tx.exec(kChange, {conversationValue(now.conversation), now.request, now.send_at, toMicros(clock_.now()),
                      now.author, now.account, scheduled});
    tell(tx, now, "pending", edit.by.name);
    return Done{};
}

Status Scheduled::cancel(Tx& tx, const Edit& edit, Id scheduled) {
    Due now;
    if (auto found = findPending(tx, edit, scheduled, now); !found) return found;
    tx.exec(kEnd, {std::string_view("cancelled"), std::string_view(""), toMicros(clock_.now()), scheduled,
                   now.revision});
    tell(tx, now, "cancelled", edit.by.name);
    return Done{};
}

std::optional<TimePoint> Scheduled::sendDue(std::size_t limit) {
    std::vector<Due> due;
    std::optional<TimePoint> next;
    store_.read([&](Reader& reader) {
        for (const Row& row : reader.query(kDue, {toMicros(clock_.now()), static_cast<std::int64_t>(limit)}))
            due.push_back({row.integer(0), row.integer(1), row.integer(2), row.integer(6), row.text(3),
                           row.text(4), row.integer(5)});
    });
    for (const Due& one : due) send(one);
    store_.read([&](Reader& reader) {
        const Rows rows = reader.query("SELECT MIN(send_at) FROM scheduled_messages WHERE state = 'pending'");
        if (!rows.empty() && !rows[0].isNull(0)) next = fromMicros(rows[0].integer(0));
    });
    return next;
}

// Much may have happened since he wrote it.
Status Scheduled::mayStillSend(const Due& due, Id user, const Account& account) const {
    Status answer = Done{};
    store_.read([&](Reader& reader) {
        const auto author = findUser(reader, due.org, user);
        if (!author || !author->is_active) {
            answer = Error{ErrorKind::Forbidden, "its author is no longer active"};
            return;
        }
        // What he was granted and lost again.
        Caller caller;
        caller.org = due.org;
        caller.user = user;
        const bool is_granted = due.conversation != 0 && Visibility(caller).maySee(reader, due.conversation);
        if (account.isPrivate() && account.private_to != user && !is_granted)
            answer = Error{ErrorKind::Forbidden, "its author no longer sees the conversation"};
    });
    return answer;
}

void Scheduled::send(const Due& due) {
    RequestSource source{due.org, due.author};
    source.idempotency_key = "scheduled:" + idText(kScheduledId, due.id);
    constexpr std::string_view kUser = "user:";
    if (due.author.starts_with(kUser))
        source.user = parseId(kUserId, std::string_view(due.author).substr(kUser.size())).value_or(0);
    const auto request = parseJson(due.request);
    auto prepared = request ? outbox_.prepare(*request, source) : Result<PreparedRequest>(request.error());
    if (prepared && source.user != 0)
        if (auto checked = mayStillSend(due, source.user, *prepared->account); !checked)
            prepared = checked.error();
    const auto written = store_.writeAndWait([&](Tx& tx) {
        const std::int64_t now = toMicros(clock_.now());
        const std::string_view state = prepared ? "sent" : "failed";
        const std::string error = prepared ? "" : prepared.error().message;
        // Another node may have taken it, or a person changed or cancelled it.
        if (tx.exec(kEnd, {state, error, now, due.id, due.revision}) == 0) return;
        if (prepared) {
            const Queued queued = outbox_.enqueue(tx, *prepared);
            tx.exec("UPDATE scheduled_messages SET message = $1 WHERE id = $2", {queued.message, due.id});
        }
        tell(tx, due, state, "system");
    });
    if (!written)
        log::warn("scheduled_not_sent",
                  {{"id", idText(kScheduledId, due.id)}, {"error", written.error().message}});
}

PageOfItems Scheduled::list(const Visibility& view, Id conversation, const std::string& state,
                            const PageRequest& page) const {
    PageOfItems result;
    store_.read([&](Reader& reader) {
        Query query{std::string(kSelect)};
        query.where("s.org =", view.org());
        query.whereVisible([&](auto& values) { return seenBy(view, values); });
        query.whereId("s.conversation =", conversation);
        query.whereText("s.state =", state);
        Rows rows = query.page(reader, "s.id", page);
        result.next = cutPage(rows, page);
        for (const Row& row : rows) result.items.push_back(toJson(row));
    });
    return result;
}

std::optional<Json> Scheduled::find(const Visibility& view, Id scheduled) const {
    std::optional<Json> found;
    store_.read([&](Reader& reader) {
        std::vector<Value> values{view.org(), scheduled};
        const std::string sql =
            std::string(kSelect) + " AND s.org = $1 AND s.id = $2 AND " + seenBy(view, values);
        const Rows rows = reader.query(sql, std::span<const Value>(values));
        if (!rows.empty()) found = toJson(rows[0]);
    });
    return found;
}

}  // namespace signalbox

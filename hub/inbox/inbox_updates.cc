// What happens to a message after it was written: delivery states, reactions, edits, deletes, and the parking
// of those that come before their target.
#include "hub/inbox/inbox.h"

namespace signalbox {
namespace {

constexpr std::string_view kByExternal =
    "SELECT id, conversation, status, text, external_id FROM messages WHERE account = $1 AND external_id = "
    "$2";
constexpr std::string_view kByMessage =
    "SELECT id, conversation, status, text, external_id FROM messages WHERE account = $1 AND id = $2";
constexpr std::string_view kSetUnsent =
    "UPDATE messages SET status = $1, error = $2 WHERE id = $3"
    " AND status NOT IN ('accepted', 'sent', 'delivered', 'read')";
constexpr std::string_view kHistory =
    "INSERT INTO delivery_history (message, recipient, state, provider_at, code, text, received_at)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (message, recipient, state, provider_at) DO NOTHING";
constexpr std::string_view kDelivery = "SELECT state FROM deliveries WHERE message = $1 AND recipient = $2";
constexpr std::string_view kSetDelivery =
    "INSERT INTO deliveries (message, recipient, state, code, text, provider_at, changed_at)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (message, recipient)"
    " DO UPDATE SET state = $3, code = $4, text = $5, provider_at = $6, changed_at = $7";
constexpr std::string_view kHasOthers =
    "SELECT 1 FROM deliveries WHERE message = $1 AND recipient NOT IN ('', $2) AND state <> 'failed' LIMIT 1";
// What became of one of several stays to be seen, however far the others come.
constexpr std::string_view kShow =
    "UPDATE messages SET status = $1, error = CASE WHEN $2 = '' AND EXISTS (SELECT 1 FROM deliveries d"
    " WHERE d.message = messages.id AND d.recipient <> '' AND d.state = 'failed') THEN error ELSE $2 END"
    " WHERE id = $3";
constexpr std::string_view kWaitsAgain =
    "UPDATE deliveries SET state = 'delayed', code = '', text = '', changed_at = $1"
    " WHERE message = $2 AND recipient = $3 AND state = 'failed'";
constexpr std::string_view kPark =
    "INSERT INTO parked (account, target, dedup_key, envelope, parked_at) VALUES ($1, $2, $3, $4, $5)"
    " ON CONFLICT (account, target, dedup_key) DO NOTHING";
constexpr std::string_view kTakeParked =
    "DELETE FROM parked WHERE account = $1 AND target = $2 RETURNING envelope, parked_at";

// What a message shows when it has one recipient or many: a failure once all failed, else the highest rank.
bool mayShow(const std::string& shown, DeliveryState next) {
    const auto current = parseDeliveryState(shown);
    return !current ||
           mayReplace(*current, next);  // queued, uncertain, blocked: anything the provider says is news
}

// Of one recipient among several.
bool isOfOne(const StatusUpdate& status) {
    return !status.recipient.empty() &&
           (status.state == DeliveryState::Failed || status.state == DeliveryState::Delayed);
}

}  // namespace

void Inbox::markSent(Tx& tx, const Account& account, Id message, const std::string& external_id,
                     DeliveryState state) {
    const Rows rows = tx.query(kByMessage, {account.id, message});
    if (rows.empty()) return;
    if (!external_id.empty()) {
        // Its echo may have come before the receipt and have the id already.
        tx.exec(
            "UPDATE messages SET external_id = $1 WHERE id = $2 AND external_id IS NULL AND NOT EXISTS"
            " (SELECT 1 FROM messages WHERE account = $3 AND external_id = $1)",
            {external_id, message, account.id});
    }
    Envelope receipt;
    receipt.kind = EnvelopeKind::Status;
    receipt.external_id = receipt.target = external_id;
    receipt.status.state = state;
    receipt.provider_time = clock_.now();
    applyStatus(tx, account, receipt,
                {message, rows[0].integer(1), rows[0].text(2), rows[0].text(3), !external_id.empty()});
    if (!external_id.empty()) applyParked(tx, account, external_id);
}

void Inbox::markUnsent(Tx& tx, const Account& account, Id message, const std::string& status,
                       const std::string& code, const std::string& text) {
    const Rows rows = tx.query(kByMessage, {account.id, message});
    if (rows.empty()) return;
    const std::string error = dumpJson({{"code", code}, {"message", text}});
    // The provider's own word may have come first; what it said of the message stands.
    if (tx.exec(kSetUnsent, {status, error, message}) == 0) return;
    StatusUpdate update;
    update.state = DeliveryState::Failed;
    update.code = code;
    update.text = text;
    tellStatus(tx, account, message, rows[0].integer(1), update, status);
}

std::int64_t Inbox::apply(Tx& tx, const Account& account, const Envelope& envelope) {
    const auto target = findTarget(tx, account, envelope);
    if (target) return applyTo(tx, account, envelope, *target);
    park(tx, account, envelope);
    return 0;
}

std::optional<Inbox::Target> Inbox::findTarget(Tx& tx, const Account& account, const Envelope& envelope) {
    Rows rows = tx.query(kByExternal, {account.id, envelope.target});
    if (rows.empty() && !envelope.status.reference.empty()) {
        // The provider echoes our own id: this is how an unanswered send finds out what became of it.
        const auto id = parseId(kMessageId, envelope.status.reference);
        if (id) rows = tx.query(kByMessage, {account.id, *id});
        if (!rows.empty() && rows[0].isNull(4)) {
            tx.exec("UPDATE messages SET external_id = $1 WHERE id = $2", {envelope.target, *id});
        }
    }
    if (rows.empty()) return std::nullopt;
    return Target{rows[0].integer(0), rows[0].integer(1), rows[0].text(2), rows[0].text(3),
                  !rows[0].isNull(4)};
}

std::int64_t Inbox::applyTo(Tx& tx, const Account& account, const Envelope& envelope, const Target& target) {
    switch (envelope.kind) {
        case EnvelopeKind::Status:
            return applyStatus(tx, account, envelope, target);
        case EnvelopeKind::Reaction:
            return applyReaction(tx, account, envelope, target);
        case EnvelopeKind::Edit:
            return applyEdit(tx, account, envelope, target);
        case EnvelopeKind::Delete: {
            tx.exec("UPDATE messages SET deleted_at = COALESCE(deleted_at, $1) WHERE id = $2",
                    {toMicros(clock_.now()), target.id});
            const std::string payload = dumpJson({{"message_id", idText(kMessageId, target.id)}});
            return log_.append(tx,
                               {account.org, "message.deleted", account.id, target.conversation, payload});
        }
        default:
            return 0;
    }
}

std::int64_t Inbox::applyStatus(Tx& tx, const Account& account, const Envelope& envelope,
                                const Target& target) {
    const StatusUpdate& status = envelope.status;
    const std::string word = toString(status.state);
    const std::int64_t now = toMicros(clock_.now());
    const std::int64_t provider_at = envelope.provider_time ? toMicros(*envelope.provider_time) : now;
    if (tx.exec(kHistory, {target.id, status.recipient, word, provider_at, status.code, status.text, now}) ==
        0)
        return 0;

    const Rows rows = tx.query(kDelivery, {target.id, status.recipient});
    const auto current = rows.empty() ? std::nullopt : parseDeliveryState(rows[0].text(0));
    if (current && !mayReplace(*current, status.state)) return 0;
    tx.exec(kSetDelivery, {target.id, status.recipient, word, status.code, status.text, provider_at, now});
    const bool is_failure = status.state == DeliveryState::Failed;
    if (is_failure && isOfOne(status) && !tx.query(kHasOthers, {target.id, status.recipient}).empty()) {
        tx.exec("UPDATE messages SET error = $1 WHERE id = $2",
                {dumpJson({{"code", status.code}, {"message", status.recipient + ": " + status.text}}),
                 target.id});
        return tellStatus(tx, account, target.id, target.conversation, status, word);
    }
    if (status.state == DeliveryState::Delayed || !mayShow(target.status, status.state)) {
        if (!isOfOne(status)) return 0;
        return tellStatus(tx, account, target.id, target.conversation, status, word);
    }
    const std::string error = is_failure ? dumpJson({{"code", status.code}, {"message", status.text}}) : "";
    tx.exec(kShow, {word, error, target.id});
    return tellStatus(tx, account, target.id, target.conversation, status, word);
}

void Inbox::setRecipient(Tx& tx, const Account& account, Id message, const StatusUpdate& status) {
    const Rows rows = tx.query(kByMessage, {account.id, message});
    if (rows.empty()) return;
    Envelope envelope;
    envelope.kind = EnvelopeKind::Status;
    envelope.status = status;
    applyStatus(tx, account, envelope,
                {message, rows[0].integer(1), rows[0].text(2), rows[0].text(3), !rows[0].isNull(4)});
}

void Inbox::setWaitingAgain(Tx& tx, Id message, const std::vector<std::string>& recipients) {
    for (const std::string& recipient : recipients) {
        tx.exec(kWaitsAgain, {toMicros(clock_.now()), message, recipient});
    }
}

std::int64_t Inbox::tellStatus(Tx& tx, const Account& account, Id message, Id conversation,
                               const StatusUpdate& status, const std::string& word) {
    Json payload = {{"message_id", idText(kMessageId, message)},
                    {"conversation_id", idText(kConversationId, conversation)},
                    {"account", account.name},
                    {"state", word}};
    if (!status.recipient.empty()) payload["recipient"] = status.recipient;
    if (!status.code.empty()) payload["code"] = status.code;
    if (!status.text.empty()) payload["text"] = status.text;
    return log_.append(tx, {account.org, "message.status", account.id, conversation, dumpJson(payload)});
}

std::int64_t Inbox::applyReaction(Tx& tx, const Account& account, const Envelope& envelope,
                                  const Target& target) {
    const Id actor = people_.resolve(tx, account.org, envelope.from, account.scope);
    const std::int64_t now = toMicros(clock_.now());
    if (envelope.text.empty()) {
        tx.exec("DELETE FROM reactions WHERE message = $1 AND actor = $2", {target.id, actor});
    } else {
        tx.exec(
            "INSERT INTO reactions (message, actor, emoji, changed_at) VALUES ($1, $2, $3, $4)"
            " ON CONFLICT (message, actor) DO UPDATE SET emoji = $3, changed_at = $4",
            {target.id, actor, envelope.text, now});
    }
    const std::string payload =
        dumpJson({{"message_id", idText(kMessageId, target.id)},
                  {"person_id", idText(kPersonId, actor)},
                  {"emoji", envelope.text.empty() ? Json(nullptr) : Json(envelope.text)}});
    return log_.append(tx, {account.org, "message.reaction", account.id, target.conversation, payload});
}

std::int64_t Inbox::applyEdit(Tx& tx, const Account& account, const Envelope& envelope,
                              const Target& target) {
    const std::int64_t now = toMicros(clock_.now());
    tx.exec(
        "INSERT INTO edits (message, version, text, edited_at)"
        " SELECT $1, COUNT(*) + 1, $2, $3 FROM edits WHERE message = $1",
        {target.id, target.text, now});
    tx.exec("UPDATE messages SET text = $1, edited_at = $2 WHERE id = $3", {envelope.text, now, target.id});
    const std::string payload =
        dumpJson({{"message_id", idText(kMessageId, target.id)}, {"text", envelope.text}});
    return log_.append(tx, {account.org, "message.edited", account.id, target.conversation, payload});
}

void Inbox::park(Tx& tx, const Account& account, const Envelope& envelope) {
    const std::string text = dumpJson(toJson(envelope));
    tx.exec(kPark, {account.id, envelope.target, envelope.dedup_key, text, toMicros(clock_.now())});
    may_have_parked_ = true;
}

void Inbox::applyParked(Tx& tx, const Account& account, const std::string& external_id) {
    if (is_exclusive_ && !may_have_parked_) return;
    for (const Row& row : tx.query(kTakeParked, {account.id, external_id})) {
        const auto json = parseJson(row.text(0));
        if (!json) continue;
        const Envelope envelope = fromJson(*json);
        if (const auto target = findTarget(tx, account, envelope)) applyTo(tx, account, envelope, *target);
    }
    if (is_exclusive_) may_have_parked_ = !tx.query("SELECT 1 FROM parked LIMIT 1").empty();
}

}  // namespace signalbox

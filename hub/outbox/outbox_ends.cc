// How tries end: what becomes of the row, of its lane, and of those who wait for it.
#include "hub/outbox/outbox.h"
#include "hub/outbox/suppress_address.h"

namespace signalbox {
namespace {

constexpr std::string_view kRetry =
    "UPDATE outbox SET state = 'pending', next_at = $1, attempts = attempts + $2, deferrals = deferrals + $3,"
    " error = $4, changed_at = $5, is_leaving = 0 WHERE id = $6 AND state = $7 AND lease_token = $8";
// In a lane of its own once somebody took it: the conversation goes on without those who have to wait.
constexpr std::string_view kRetryRest =
    "UPDATE outbox SET state = 'pending', next_at = $1, attempts = attempts + $2, deferrals = deferrals + $3,"
    " error = $4, changed_at = $5, is_leaving = 0, leaving = '', progress = $6, lane = $8, turn = 2,"
    " external_id = CASE WHEN $7 = '' THEN external_id ELSE $7 END, run_key = $9 WHERE id = $10 AND state = "
    "$11 AND lease_token = $12";
constexpr std::string_view kBlock =
    "UPDATE outbox SET state = 'blocked', error = $1, changed_at = $2"
    " WHERE id = $3 AND state = $4 AND lease_token = $5";
constexpr std::string_view kEnd =
    "UPDATE outbox SET state = $1, turn = 0, external_id = CASE WHEN $2 = '' THEN external_id ELSE $2 END, "
    "error = $3, attempts = attempts + $4,"
    " changed_at = $5, progress = $6 WHERE id = $7 AND state = $8 AND lease_token = $9";
constexpr std::string_view kPass =
    "UPDATE outbox SET turn = 2 WHERE id = (SELECT id FROM outbox WHERE account = $1 AND lane = $2"
    " AND turn = 1 ORDER BY id LIMIT 1) AND turn = 1 AND NOT EXISTS (SELECT 1 FROM outbox"
    " WHERE account = $1 AND lane = $2 AND turn = 2) RETURNING endpoint, next_at";

using State = TryResult::State;

Json toJson(const Error& error) {
    Json out = {{"kind", toString(error.kind)}, {"code", error.code}, {"message", error.message}};
    if (error.retry_after) out["retry_after_s"] = error.retry_after->count();
    return out;
}

const char* rowWord(State state) {
    switch (state) {
        case State::Sent:
            return "sent";
        case State::Uncertain:
            return "uncertain";
        case State::Cancelled:
            return "cancelled";
        default:
            return "dead";
    }
}

// The same for those who wait: a dead row is a failed message.
const char* outcomeWord(State state) {
    return state == State::Dead ? "failed" : rowWord(state);
}

}  // namespace

bool Outbox::finish(Tx& tx, const Lease& lease, const TryResult& result) {
    const Found row = fromLease(lease);
    if (result.state == State::Retry && !result.receipt.recipients.empty()) return retryRest(tx, row, result);
    if (result.state == State::Retry) return retryLater(tx, row, result);
    if (result.state == State::Blocked) return block(tx, row, result.error);
    return end(tx, row, result);
}

bool Outbox::retryLater(Tx& tx, const Found& row, const TryResult& result) {
    const std::int64_t counted = result.is_counted ? 1 : 0;
    if (tx.exec(kRetry, {toMicros(result.next_at), counted, 1 - counted, dumpJson(toJson(result.error)),
                         toMicros(clock_.now()), row.id, row.state, row.token}) != 1)
        return false;
    stage(row.account, row.endpoint, result.next_at);
    tellWatcher(tx, row, result);
    return true;
}

bool Outbox::retryRest(Tx& tx, const Found& row, const TryResult& result) {
    const bool was_taken = !row.progress.taken.empty();
    const SendProgress progress = advanced(row.progress, result.receipt);
    const bool is_taken = !progress.taken.empty();
    const std::int64_t counted = result.is_counted ? 1 : 0;
    const std::string lane = is_taken ? "rest-" + idText(kOutboxId, row.id) : row.lane;
    if (tx.exec(kRetryRest, {toMicros(result.next_at), counted, 1 - counted, dumpJson(toJson(result.error)),
                             toMicros(clock_.now()), progressText(progress), result.receipt.external_id, lane,
                             is_taken ? "" : row.run_key, row.id, row.state, row.token}) != 1)
        return false;
    if (lane != row.lane) pass(tx, row);
    wantCopy(tx, row, result.copy_request);
    stage(row.account, row.endpoint, result.next_at);
    const auto account = accounts_.byId(row.account);
    if (!account || row.message == 0) return true;
    if (is_taken && !was_taken)
        inbox_.markSent(tx, *account, row.message, result.receipt.external_id, result.receipt.state);
    tellRecipients(tx, *account, row, result.receipt);
    TryResult taken;  // who waits for it has waited enough: it is on its way
    taken.receipt = result.receipt;
    if (is_taken && !was_taken) tellRun(tx, *account, row, taken);
    return true;
}

bool Outbox::block(Tx& tx, const Found& row, const Error& error) {
    const TimePoint now = clock_.now();
    if (tx.exec(kBlock, {dumpJson(toJson(error)), toMicros(now), row.id, row.state, row.token}) != 1)
        return false;
    const auto account = accounts_.byId(row.account);
    if (!account) return true;
    if (row.message != 0) inbox_.markUnsent(tx, *account, row.message, "blocked", error.code, error.message);
    const std::string state = readAccountState(tx, account->id).state;
    const bool is_known = state == "disabled" || state == "removed";
    if (!is_known && setAccountState(tx, account->id, {"blocked", error.message}, now)) {
        const std::string payload =
            dumpJson({{"account", account->name},
                      {"reason", account->isPrivate() ? "its user sees why" : error.message},
                      {"code", error.code}});
        log_.append(tx, {account->org, "account.blocked", account->id, 0, payload});
    }
    return true;
}

bool Outbox::end(Tx& tx, const Found& row, const TryResult& result) {
    const std::string error = result.state == State::Sent ? "" : dumpJson(toJson(result.error));
    if (tx.exec(kEnd, {rowWord(result.state), result.receipt.external_id, error,
                       std::int64_t{result.is_counted ? 1 : 0}, toMicros(clock_.now()),
                       progressText(advanced(row.progress, result.receipt)), row.id, row.state, row.token}) !=
        1)
        return false;
    // A letter holds a link that lets somebody in, a copy the whole mail a second time.
    const bool is_forgotten =
        row.kind == OutboxKind::Letter || (row.kind == OutboxKind::Copy && result.state == State::Sent);
    if (is_forgotten) tx.exec("UPDATE outbox SET request = '' WHERE id = $1", {row.id});
    if (row.kind != OutboxKind::Media) pass(tx, row);  // nothing ever waits behind a file
    wantCopy(tx, row, result.copy_request);
    tell(tx, row, result);
    return true;
}

void Outbox::pass(Tx& tx, const Found& row) {
    for (const Row& next : tx.query(kPass, {row.account, row.lane})) {
        stage(row.account, next.text(0), fromMicros(next.integer(1)));
    }
}

void Outbox::tellWatcher(Tx& tx, const Found& row, const TryResult& result) {
    if (row.subscription != 0 && watcher_ != nullptr) watcher_->tried(tx, {row.id, row.subscription, result});
}

void Outbox::tell(Tx& tx, const Found& row, const TryResult& result) {
    tellWatcher(tx, row, result);
    const auto account = accounts_.byId(row.account);
    if (!account) return;
    if (row.kind == OutboxKind::Media) return tellFile(tx, *account, row, result);
    if (row.message != 0) tellMessage(tx, *account, row, result);
    tellRun(tx, *account, row, result);
}

void Outbox::tellRun(Tx& tx, const Account& account, const Found& row, const TryResult& result) {
    if (row.run_key.empty()) return;
    Json told = {{"outbox_id", idText(kOutboxId, row.id)},
                 {"run_key", row.run_key},
                 {"kind", toString(row.kind)},
                 {"state", outcomeWord(result.state)},
                 {"external_id", result.receipt.external_id},
                 {"content", result.receipt.content}};
    if (row.message != 0) told["message_id"] = idText(kMessageId, row.message);
    if (result.state != State::Sent) told["error"] = toJson(result.error);
    log_.append(tx, {account.org, "outbox.finished", account.id, 0, dumpJson(told)});
}

void Outbox::tellMessage(Tx& tx, const Account& account, const Found& row, const TryResult& result) {
    if (result.state == State::Sent) {
        inbox_.markSent(tx, account, row.message, result.receipt.external_id, result.receipt.state);
        return tellRecipients(tx, account, row, result.receipt);
    }
    if (result.state == State::Dead && isGoneCode(result.error.code)) suppressOnly(tx, account, row, result);
    // Where some have it, the message says so, and the others' states say the rest.
    inbox_.markUnsent(tx, account, row.message, outcomeWord(result.state), result.error.code,
                      result.error.message);
    tellRecipients(tx, account, row, result.receipt);
    if (result.state != State::Uncertain) tellWaiting(tx, account, row, result);
}

void Outbox::tellRecipients(Tx& tx, const Account& account, const Found& row, const Receipt& receipt) {
    for (const StatusUpdate& update : receipt.recipients) {
        inbox_.setRecipient(tx, account, row.message, update);
        if (update.state == DeliveryState::Failed && isGoneCode(update.code))
            suppress(tx, account, row.message, update.recipient, update.text);
    }
}

// Nothing is tried any more for those who waited.
void Outbox::tellWaiting(Tx& tx, const Account& account, const Found& row, const TryResult& result) {
    for (const std::string& recipient : advanced(row.progress, result.receipt).waiting) {
        StatusUpdate update;
        update.state = DeliveryState::Failed;
        update.recipient = recipient;
        update.code = result.error.code;
        update.text = "soft: " + result.error.message;
        inbox_.setRecipient(tx, account, row.message, update);
    }
}

// The server that takes our mail said at once what a bounce would say later.
void Outbox::suppress(Tx& tx, const Account& account, Id message, const std::string& address,
                      const std::string& detail) {
    if (account.channel != "email" || address.empty()) return;
    const std::string normal = normalize(Identity{"email", address}, "").value;
    suppressAddress(
        tx, log_, account,
        {ids_.next(), account.org, normal, "hard_bounce", detail, message, "outbox", clock_.now()});
}

// Refused as a whole: which one of several recipients is gone is not told.
void Outbox::suppressOnly(Tx& tx, const Account& account, const Found& row, const TryResult& result) {
    const auto request = parseJson(row.request);
    if (!request) return;
    const Json& content = memberAt(*request, "content");
    if (memberAt(content, "to").size() > 1 || !memberAt(content, "cc").empty() ||
        !memberAt(content, "bcc").empty())
        return;
    suppress(tx, account, row.message, textAt(memberAt(*request, "to"), "value"), result.error.message);
}

void Outbox::tellFile(Tx& tx, const Account& account, const Found& row, const TryResult& result) {
    const AttachmentKey key{account.org, account.id, account.name, row.message, row.ordinal};
    if (result.state == State::Sent && result.file) return files_.markFetched(tx, key, *result.file);
    files_.markFailed(tx, key, result.error);
}

}  // namespace signalbox

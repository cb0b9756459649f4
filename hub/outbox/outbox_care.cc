// What happens to rows besides being tried: recovery after a crash, housekeeping, and what people decide.
#include "hub/outbox/outbox.h"

#include <algorithm>
#include <iterator>

namespace signalbox {
namespace {

using namespace std::chrono_literals;
using State = TryResult::State;

constexpr std::int64_t kMaxCrashes = 3;  // a row that takes the process down with it is not tried for ever
constexpr std::int64_t kTidyAtOnce = 200;
constexpr auto kBulkSpacing = 100ms;
constexpr auto kMaxLifetime = 7 * 24h;

#define FOUND_ROW                                                                                        \
    "SELECT id, account, kind, lane, endpoint, run_key, state, request, message, ordinal, lease_token, " \
    "crashes, expires_at - created_at, subscription, progress, leaving, is_leaving, error FROM outbox"
constexpr std::string_view kFind = FOUND_ROW " WHERE id = $1 AND org = $2";
constexpr std::string_view kLapsed =
    FOUND_ROW " WHERE state = 'leased' AND lease_until <= $1 ORDER BY lease_until LIMIT $2";
constexpr std::string_view kOver =
    FOUND_ROW " WHERE turn > 0 AND expires_at <= $1 AND state <> 'leased' ORDER BY expires_at LIMIT $2";
constexpr std::string_view kDead = FOUND_ROW
    " WHERE org = $1 AND state IN ('dead', 'uncertain', 'blocked') AND state = 'dead'"
    " AND ($2 = 0 OR account = $2) AND account NOT IN"
    " (SELECT id FROM accounts WHERE private_to <> 0 AND private_to <> $4) ORDER BY id LIMIT $3";
constexpr std::string_view kBlocked = FOUND_ROW
    " WHERE org = $1 AND state IN ('dead', 'uncertain', 'blocked') AND state = 'blocked' AND account = $2"
    " ORDER BY id";
constexpr std::string_view kWaiting = FOUND_ROW " WHERE account = $1 AND state = 'pending' ORDER BY id";
// Of several recipients, with what each was told. Where some had it before, the message's state tells nothing
// of the others.
constexpr std::string_view kArrivedAfterAll = FOUND_ROW
    " WHERE state IN ('dead', 'uncertain', 'blocked') AND state = 'uncertain' AND progress = ''"
    " AND leaving <> '' AND EXISTS (SELECT 1 FROM messages m WHERE m.id = outbox.message"
    " AND m.status IN ('accepted', 'sent', 'delivered', 'read')) LIMIT 100";
constexpr std::string_view kNobodysTurn =
    "SELECT DISTINCT account, lane FROM outbox b WHERE turn = 1 AND NOT EXISTS (SELECT 1 FROM outbox h"
    " WHERE h.account = b.account AND h.lane = b.lane AND h.turn = 2) LIMIT 100";
#undef FOUND_ROW

constexpr std::string_view kAgainAfterCrash =
    "UPDATE outbox SET state = 'pending', next_at = $1, crashes = crashes + 1, changed_at = $1"
    " WHERE id = $2 AND state = $3 AND lease_token = $4";
constexpr std::string_view kRelease =
    "UPDATE outbox SET state = 'pending', changed_at = $1"
    " WHERE id = $2 AND state = 'leased' AND lease_token = $3";
constexpr std::string_view kRevive =
    "UPDATE outbox SET state = 'pending', turn = 1, next_at = $1, expires_at = $2, attempts = 0,"
    " deferrals = 0, crashes = 0, is_leaving = 0, changed_at = $3 WHERE id = $4 AND state = $5 AND "
    "lease_token = $6";
constexpr std::string_view kDiscardOf =
    "UPDATE outbox SET state = 'cancelled', request = '{}', changed_at = $1 WHERE message = $2"
    " AND state IN ('dead', 'uncertain')";
constexpr std::string_view kUnblock =
    "UPDATE outbox SET state = 'pending', next_at = $1, changed_at = $1"
    " WHERE id = $2 AND state = $3 AND lease_token = $4";
constexpr std::string_view kArrived =
    "SELECT 1 FROM messages WHERE id = $1 AND status IN ('accepted', 'sent', 'delivered', 'read')";
constexpr std::string_view kSettle =
    "UPDATE outbox SET state = 'sent', changed_at = $1 WHERE state IN ('dead', 'uncertain', 'blocked')"
    " AND state = 'uncertain' AND progress = '' AND leaving = '' AND EXISTS (SELECT 1 FROM messages m"
    " WHERE m.id = outbox.message AND m.status IN ('accepted', 'sent', 'delivered', 'read'))";
// Ids grow with time: what is old is among the lowest ones.
constexpr std::string_view kForget =
    "DELETE FROM outbox WHERE turn = 0 AND changed_at < $1 AND id IN (SELECT id FROM outbox ORDER BY id "
    "LIMIT 500)";

Error wrongState(const std::string& wanted, const std::string& state) {
    return {ErrorKind::Conflict,
            "outbox: only what is " + wanted + " can be changed so, this is " + state,
            {},
            "wrong_state"};
}

const Error& notFound() {
    static const Error error{ErrorKind::NotFound, "outbox: no such entry", {}, "not_found"};
    return error;
}

}  // namespace

Outbox::Found Outbox::fromRow(const Row& row) {
    Found found;
    found.id = row.integer(0);
    found.account = row.integer(1);
    found.kind = parseOutboxKind(row.text(2));
    found.lane = row.text(3);
    found.endpoint = row.text(4);
    found.run_key = row.text(5);
    found.state = row.text(6);
    found.request = row.text(7);
    found.message = row.integer(8);
    found.ordinal = row.integer(9);
    found.token = row.integer(10);
    found.crashes = row.integer(11);
    found.lifetime = std::chrono::microseconds{row.integer(12)};
    found.subscription = row.integer(13);
    found.progress = readProgress(row.text(14), row.text(15));
    found.is_unknown = row.integer(16) != 0 || isUncertain(row.text(17));
    return found;
}

Outbox::Found Outbox::fromLease(const Lease& lease) {
    Found found;
    found.id = lease.id;
    found.account = lease.account;
    found.kind = lease.kind;
    found.lane = lease.lane;
    found.endpoint = lease.endpoint;
    found.run_key = lease.run_key;
    found.state = "leased";
    found.message = lease.message;
    found.ordinal = lease.ordinal;
    found.token = lease.token;
    found.subscription = lease.subscription;
    found.request = lease.request;
    found.progress = lease.progress;
    return found;
}

std::optional<Outbox::Found> Outbox::find(Tx& tx, Id org, Id outbox) {
    const Rows rows = tx.query(kFind, {outbox, org});
    if (rows.empty()) return std::nullopt;
    return fromRow(rows[0]);
}

void Outbox::extend(Tx& tx, const Lease& lease, TimePoint until) {
    tx.exec("UPDATE outbox SET lease_until = $1 WHERE id = $2 AND state = 'leased' AND lease_token = $3",
            {toMicros(until), lease.id, lease.token});
}

void Outbox::release(Tx& tx, const std::vector<Lease>& leases) {
    for (const Lease& lease : leases) {
        if (tx.exec(kRelease, {toMicros(clock_.now()), lease.id, lease.token}) == 1)
            stage(lease.account, lease.endpoint, clock_.now());
    }
}

std::size_t Outbox::recover(Tx& tx, TimePoint lapsed_before, std::size_t limit) {
    const Rows rows = tx.query(kLapsed, {toMicros(lapsed_before), static_cast<std::int64_t>(limit)});
    for (const Row& row : rows) recoverOne(tx, fromRow(row));
    return rows.size();
}

void Outbox::recoverOne(Tx& tx, const Found& row) {
    TryResult result;
    if (!isRepeatable(row.kind, row.request, accounts_.byId(row.account).get())) {
        result.state = State::Uncertain;
        result.error = {
            ErrorKind::Uncertain, "send: the process ended before the answer came", {}, "crashed"};
    } else if (row.crashes + 1 >= kMaxCrashes) {
        // A message may have arrived in any of the three; a copy that is found later settles it.
        const bool is_message = row.kind == OutboxKind::Message;
        result.state = is_message ? State::Uncertain : State::Dead;
        result.error = {is_message ? ErrorKind::Uncertain : ErrorKind::Rejected,
                        "send: the process ended during each of three tries",
                        {},
                        "poison"};
    } else {
        const TimePoint now = clock_.now();
        if (tx.exec(kAgainAfterCrash, {toMicros(now), row.id, row.state, row.token}) == 1)
            stage(row.account, row.endpoint, now);
        return;
    }
    end(tx, row, result);
}

bool Outbox::tidy(Tx& tx, TimePoint keep_after) {
    const Rows over = tx.query(kOver, {toMicros(clock_.now()), kTidyAtOnce});
    for (const Row& row : over) {
        const Found found = fromRow(row);
        end(tx, found, outOfTime(found.is_unknown ? State::Uncertain : State::Dead));
    }
    // Two nodes at once may leave a lane without a turn: one ended its row while the other put one behind it.
    if (!store_.isExclusive()) {
        for (const Row& lane : tx.query(kNobodysTurn)) {
            Found row;
            row.account = lane.integer(0);
            row.lane = lane.text(1);
            pass(tx, row);
        }
    }
    settle(tx);
    tx.exec(kForget, {toMicros(keep_after)});
    return std::ssize(over) == kTidyAtOnce;
}

// What was uncertain turned out to have arrived.
void Outbox::settle(Tx& tx) {
    const TimePoint now = clock_.now();
    tx.exec(kSettle, {toMicros(now)});
    for (const Row& found : tx.query(kArrivedAfterAll)) {
        const Found row = fromRow(found);
        TryResult result;
        result.receipt = arrivedReceipt(row.progress, "");
        result.is_counted = false;
        result.next_at = now;
        if (result.receipt.rest) {
            result.state = State::Retry;
            result.error = *result.receipt.rest;
            retryRest(tx, row, result);
        } else {
            end(tx, row, result);
        }
    }
}

void Outbox::saveBreaker(Tx& tx, const BreakerRow& breaker) {
    tx.exec(
        "INSERT INTO breakers (account, endpoint, open_until, opened_times) VALUES ($1, $2, $3, $4)"
        " ON CONFLICT (account, endpoint) DO UPDATE SET open_until = $3, opened_times = $4",
        {breaker.endpoint.account, breaker.endpoint.name, toMicros(breaker.open_until),
         breaker.opened_times});
}

void Outbox::forgetBreaker(Tx& tx, const EndpointKey& endpoint) {
    tx.exec("DELETE FROM breakers WHERE account = $1 AND endpoint = $2", {endpoint.account, endpoint.name});
}

Status Outbox::retry(Tx& tx, Id org, Id outbox) {
    const auto row = find(tx, org, outbox);
    if (!row) return notFound();
    if (row->state != "dead" && row->state != "uncertain") return wrongState("dead or uncertain", row->state);
    if (row->kind == OutboxKind::Letter)
        return Error{
            ErrorKind::Conflict, "outbox: its link is forgotten, ask for a new one", {}, "wrong_state"};
    const bool is_told_by_message = row->progress.taken.empty();
    if (row->state == "uncertain" && is_told_by_message && !tx.query(kArrived, {row->message}).empty()) {
        settle(tx);
        return wrongState("dead or uncertain", "sent, as a late receipt told");
    }
    revive(tx, *row, clock_.now());
    return Done{};
}

std::size_t Outbox::retryAll(Tx& tx, Id org, Id account, Id user, std::size_t limit) {
    TimePoint at = clock_.now();
    const Rows rows = tx.query(kDead, {org, account, static_cast<std::int64_t>(limit), user});
    std::size_t revived = 0;
    for (const Row& row : rows) {
        const Found found = fromRow(row);
        if (found.kind == OutboxKind::Letter) continue;
        revive(tx, found, at);
        at += kBulkSpacing;
        ++revived;
    }
    return revived;
}

void Outbox::revive(Tx& tx, const Found& row, TimePoint at) {
    const TimePoint now = clock_.now();
    const auto lifetime = std::min<std::chrono::microseconds>(row.lifetime, kMaxLifetime);
    if (tx.exec(kRevive,
                {toMicros(at), toMicros(at + lifetime), toMicros(now), row.id, row.state, row.token}) != 1)
        return;
    const auto account = accounts_.byId(row.account);
    if (account && row.kind == OutboxKind::Media) {
        files_.markWanted(tx, {account->org, account->id, account->name, row.message, row.ordinal});
    } else if (account && row.message != 0) {
        inbox_.markUnsent(tx, *account, row.message, "queued", "", "");
        inbox_.setWaitingAgain(tx, row.message, row.progress.waiting);
    }
    pass(tx, row);
}

Status Outbox::discard(Tx& tx, Id org, Id outbox) {
    const auto row = find(tx, org, outbox);
    if (!row) return notFound();
    if (row->state == "blocked") return cancel(tx, org, outbox);
    if (row->state != "dead" && row->state != "uncertain") return wrongState("dead or uncertain", row->state);
    tx.exec("UPDATE outbox SET state = 'cancelled', changed_at = $1 WHERE id = $2 AND state = $3",
            {toMicros(clock_.now()), row->id, row->state});
    const auto account = accounts_.byId(row->account);
    if (account && row->message != 0 && row->state == "uncertain") {
        TryResult given_up;
        given_up.error = {ErrorKind::Uncertain, "given up; nobody knows whether it arrived", {}, "discarded"};
        tellWaiting(tx, *account, *row, given_up);
    }
    return Done{};
}

Status Outbox::cancel(Tx& tx, Id org, Id outbox) {
    const auto row = find(tx, org, outbox);
    if (!row) return notFound();
    if (row->state != "pending" && row->state != "blocked")
        return wrongState("pending or blocked", row->state);
    TryResult result;
    result.state = State::Cancelled;
    result.error = {ErrorKind::Rejected, "send: cancelled before it left", {}, "cancelled"};
    result.is_counted = false;
    end(tx, *row, result);
    return Done{};
}

void Outbox::discardOf(Tx& tx, Id message) {
    tx.exec(kDiscardOf, {toMicros(clock_.now()), message});
}

bool Outbox::resume(Tx& tx, const Account& account) {
    const TimePoint now = clock_.now();
    if (!setAccountState(tx, account.id, {"connected", ""}, now)) return false;
    for (const Row& row : tx.query(kBlocked, {account.org, account.id})) {
        const Found found = fromRow(row);
        tx.exec(kUnblock, {toMicros(now), found.id, found.state, found.token});
        if (found.message != 0) inbox_.markUnsent(tx, account, found.message, "queued", "", "");
    }
    log_.append(tx, {account.org, "account.resumed", account.id, 0, dumpJson({{"account", account.name}})});
    stage(account.id, std::string(kSendEndpoint), now);
    stage(account.id, std::string(kMailboxEndpoint), now);
    return true;
}

void Outbox::removed(Tx& tx, const Account& account) {
    setAccountState(tx, account.id, {"removed", account.address}, clock_.now());
    const Error error{
        ErrorKind::Rejected,
        "account " + account.name + " was removed; it is sent once one of that name is connected",
        {},
        "account_removed"};
    for (const Row& row : tx.query(kWaiting, {account.id})) block(tx, fromRow(row), error);
}

bool Outbox::disable(Tx& tx, const Account& account, const std::string& reason) {
    if (readAccountState(tx, account.id).state == "disabled") return false;
    setAccountState(tx, account.id, {"disabled", reason}, clock_.now());
    log_.append(tx, {account.org, "account.disabled", account.id, 0,
                     dumpJson({{"account", account.name},
                               {"reason", account.isPrivate() ? "its user sees why" : reason}})});
    return true;
}

}  // namespace signalbox

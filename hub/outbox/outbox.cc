// Into the outbox, and from there into the hands of delivery.
#include "hub/outbox/outbox.h"

#include <algorithm>

namespace signalbox {
namespace {

using namespace std::chrono_literals;
using State = TryResult::State;

constexpr auto kMediaLifetime = 7 * 24h;
// A provider may fetch a file some time after it took the message.
constexpr auto kLinkReserve = 72h;

constexpr std::string_view kKnown = "SELECT id, message, conversation FROM outbox WHERE idempotency_key = $1";
// `turn` 2 collides with the row of the lane that has the turn: then this one waits behind it.
constexpr std::string_view kInsert =
    "INSERT INTO outbox (id, org, account, endpoint, lane, turn, kind, message, ordinal, conversation,"
    " reply_to, request, idempotency_key, run_key, state, attempts, deferrals, crashes, lease_token,"
    " lease_until, next_at, expires_at, external_id, error, created_at, changed_at, subscription)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, 'pending', 0, 0, 0, 0, 0, $15,"
    " $16, '', '', $15, $15, $17) ON CONFLICT DO NOTHING";
// Materialized, so that the planner does not take more than the limit; rows that another node is taking are
// passed by.
constexpr std::string_view kLease =
    "WITH due AS MATERIALIZED (SELECT id FROM outbox WHERE account = $4 AND endpoint = $5 AND turn = 2"
    " AND state = 'pending' AND next_at <= $3 ORDER BY next_at, id LIMIT $6 FOR UPDATE SKIP LOCKED)"
    " UPDATE outbox SET state = 'leased', lease_token = $1, lease_until = $2, changed_at = $3"
    " WHERE turn = 2 AND state = 'pending' AND id IN (SELECT id FROM due)"
    " RETURNING id, org, account, kind, endpoint, lane, message, conversation, ordinal, attempts, deferrals,"
    " expires_at, request, idempotency_key, run_key, reply_to, crashes, error,"
    " subscription, is_leaving, progress, leaving";
constexpr std::string_view kLeaving =
    "UPDATE outbox SET is_leaving = 1, leaving = $1 WHERE id = $2 AND state = 'leased' AND lease_token = $3";
constexpr std::string_view kNextDue =
    "SELECT MIN(next_at) FROM outbox WHERE account = $1 AND endpoint = $2 AND turn = 2 AND state = 'pending'";
constexpr std::string_view kExternalId = "SELECT external_id FROM messages WHERE id = $1 AND account = $2";
constexpr std::string_view kNewestInbound =
    "SELECT external_id FROM messages WHERE conversation = $1 AND direction = 'in'"
    " AND external_id IS NOT NULL ORDER BY seq DESC LIMIT 1";

Value orNull(Id id) {
    return id == 0 ? Value(nullptr) : Value(id);
}

Lease leaseFrom(const Row& row) {
    Lease lease;
    lease.id = row.integer(0);
    lease.org = row.integer(1);
    lease.account = row.integer(2);
    lease.kind = parseOutboxKind(row.text(3));
    lease.endpoint = row.text(4);
    lease.lane = row.text(5);
    lease.message = row.integer(6);
    lease.conversation = row.integer(7);
    lease.ordinal = row.integer(8);
    lease.attempts = static_cast<int>(row.integer(9));
    lease.deferrals = static_cast<int>(row.integer(10));
    lease.expires_at = fromMicros(row.integer(11));
    lease.request = row.text(12);
    lease.idempotency_key = row.text(13);
    lease.run_key = row.text(14);
    const std::int64_t crashes = row.integer(16);
    lease.subscription = row.integer(18);
    lease.was_leaving = row.integer(19) != 0;
    lease.progress = readProgress(row.text(20), row.text(21));
    const bool was_uncertain = isUncertain(row.text(17));
    lease.may_have_left = crashes > 0 || was_uncertain;
    // A person who repeats it sets the counts back.
    lease.is_unanswered = was_uncertain && lease.attempts + lease.deferrals > 0;
    return lease;
}

}  // namespace

Outbox::Outbox(Store& store, Ids& ids, const Clock& clock, const Accounts& accounts, EventLog& log,
               Inbox& inbox, Files& files, Mails* mails)
    : store_(store),
      ids_(ids),
      clock_(clock),
      accounts_(accounts),
      log_(log),
      inbox_(inbox),
      files_(files),
      mails_(mails) {
    store_.onCommitted([this] { announce(); });
}

Queued Outbox::enqueue(Tx& tx, const PreparedRequest& prepared) {
    if (prepared.may_be_known) {
        if (const auto known = findKnown(tx, prepared.idempotency_key)) return *known;
    }
    const Account& account = *prepared.account;
    Queued queued;
    std::optional<Conversation> conversation;
    if (prepared.conversation) {
        conversation = inbox_.findConversation(tx, account.org, *prepared.conversation);
        if (!conversation) throw StoreError(StoreError::Kind::Constraint, "outbox: the conversation is gone");
    } else if (prepared.kind != OutboxKind::Http && prepared.kind != OutboxKind::Letter) {
        const std::string thread_key = prepared.mail ? "mail:" + prepared.draft.external_id : "";
        conversation = inbox_.openConversation(tx, account, prepared.channel, prepared.to, thread_key);
        inbox_.setSubject(tx, conversation->id, prepared.subject);
    }
    if (conversation) queued.conversation = conversation->id;
    if (prepared.kind == OutboxKind::Message) {
        const auto added = inbox_.addOutbound(tx, account, *conversation, prepared.draft);
        queued.message = added.message;
        queued.offset = added.offset;
        if (prepared.mail) {
            mails_->record(tx, account, added.message, conversation->id, {conversation->thread_key, 0},
                           *prepared.mail, Direction::Outbound);
        }
        carry(tx, prepared, added.message);
    }
    queued.outbox = ids_.next();
    insert(tx, prepared, queued, 0);
    return queued;
}

void Outbox::carry(Tx& tx, const PreparedRequest& prepared, Id message) {
    for (const CarriedFile& file : prepared.files) {
        files_.markUploaded(tx, message, static_cast<std::int64_t>(file.named.ordinal), file.named.blob);
        if (!file.link) continue;
        FileRecords::insertLink(tx, prepared.account->org, file.named.file, *file.link,
                                prepared.expires_at + kLinkReserve, prepared.created_at);
    }
}

std::optional<Queued> Outbox::findKnown(Tx& tx, const std::string& key) {
    const Rows rows = tx.query(kKnown, {key});
    if (rows.empty()) return std::nullopt;
    return Queued{rows[0].integer(0), rows[0].integer(1), rows[0].integer(2), 0, false};
}

void Outbox::insert(Tx& tx, const PreparedRequest& prepared, const Queued& queued, std::int64_t ordinal) {
    const std::string lane =
        prepared.lane.empty() ? "c" + std::to_string(queued.conversation) : prepared.lane;
    const auto insertWith = [&](std::int64_t turn) {
        return tx.exec(
                   kInsert,
                   {queued.outbox, prepared.account->org, prepared.account->id, prepared.endpoint, lane, turn,
                    toString(prepared.kind), orNull(queued.message), ordinal, orNull(queued.conversation),
                    prepared.reply_to ? Value(*prepared.reply_to) : Value(nullptr), prepared.request,
                    prepared.idempotency_key, prepared.run_key, toMicros(prepared.created_at),
                    toMicros(prepared.expires_at), orNull(prepared.subscription)}) == 1;
    };
    if (insertWith(2)) return stage(prepared.account->id, prepared.endpoint, prepared.created_at);
    if (!insertWith(1)) throw StoreError(StoreError::Kind::Constraint, "outbox: the key is in use");
}

void Outbox::wanted(Tx& tx, const Account& account, Id message, std::int64_t ordinal,
                    const Attachment& attachment) {
    if (attachment.media_id.empty() && attachment.url.empty()) return;  // nowhere to fetch it from
    const std::string name = idText(kMessageId, message) + "-" + std::to_string(ordinal);
    PreparedRequest job;
    job.account = std::make_shared<const Account>(account);
    job.kind = OutboxKind::Media;
    job.endpoint = kMediaEndpoint;
    job.lane = "media-" + name;
    job.request = dumpJson(toJson(attachment));
    job.idempotency_key = "media-" + name;
    job.created_at = clock_.now();
    job.expires_at = job.created_at + kMediaLifetime;
    insert(tx, job, {ids_.next(), message}, ordinal);
}

Outbox::Leased Outbox::lease(Tx& tx, const EndpointKey& endpoint, std::size_t limit,
                             std::chrono::seconds length) {
    Leased leased;
    if (endpoint.name == kSendEndpoint || endpoint.name == kMailboxEndpoint) {
        const std::string state = readAccountState(tx, endpoint.account).state;
        const bool may_not_send = state == "blocked" && endpoint.name == kSendEndpoint;
        if (may_not_send || state == "disabled") return leased;
    }
    const TimePoint now = clock_.now();
    const std::int64_t token = ids_.next();
    const Rows rows = tx.query(kLease, {token, toMicros(now + length), toMicros(now), endpoint.account,
                                        endpoint.name, static_cast<std::int64_t>(limit)});
    for (const Row& row : rows) {
        Lease lease = leaseFrom(row);
        lease.token = token;
        lease.until = now + length;
        if (lease.expires_at <= now) {
            const bool is_unknown = lease.is_unanswered || lease.was_leaving;
            end(tx, fromLease(lease), outOfTime(is_unknown ? State::Uncertain : State::Dead));
            continue;
        }
        addContext(tx, lease, row);
        leased.rows.push_back(std::move(lease));
    }
    std::sort(leased.rows.begin(), leased.rows.end(),
              [](const auto& a, const auto& b) { return a.id < b.id; });
    const Rows next = tx.query(kNextDue, {endpoint.account, endpoint.name});
    if (!next.empty() && !next[0].isNull(0)) leased.next_due = fromMicros(next[0].integer(0));
    return leased;
}

bool Outbox::noteLeaving(Tx& tx, const Lease& lease, const Leaving& leaving) {
    return tx.exec(kLeaving, {leavingText(leaving), lease.id, lease.token}) == 1;
}

void Outbox::addContext(Tx& tx, Lease& lease, const Row& row) {
    if (lease.conversation != 0) {
        const auto conversation = inbox_.findConversation(tx, lease.org, lease.conversation);
        if (conversation) lease.last_inbound_at = conversation->last_inbound_at;
    }
    constexpr std::size_t kReplyTo = 15;
    if (!row.isNull(kReplyTo)) lease.in_reply_to = targetOf(tx, lease, row.integer(kReplyTo));
}

std::string Outbox::targetOf(Tx& tx, const Lease& lease, Id reply_to) {
    const Rows rows = reply_to == 0 ? tx.query(kNewestInbound, {lease.conversation})
                                    : tx.query(kExternalId, {reply_to, lease.account});
    return rows.empty() ? "" : rows[0].text(0);
}

void Outbox::stage(Id account, std::string endpoint, TimePoint at) {
    std::lock_guard lock(staged_mutex_);
    staged_[std::this_thread::get_id()].push_back({{account, std::move(endpoint)}, at});
}

// What a rolled-back group staged is told as well: a look too many finds nothing.
void Outbox::announce() {
    std::vector<Due> due;
    {
        std::lock_guard lock(staged_mutex_);
        const auto mine = staged_.find(std::this_thread::get_id());
        if (mine == staged_.end() || mine->second.empty()) return;
        due.swap(mine->second);
    }
    for (const auto& listener : listeners_) listener(due);
}

void Outbox::onDue(std::function<void(const std::vector<Due>&)> listener) {
    listeners_.push_back(std::move(listener));
}

}  // namespace signalbox

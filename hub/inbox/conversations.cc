#include "hub/inbox/conversations.h"

namespace signalbox {
namespace {

constexpr std::size_t kMaxCached = 20'000;

#define CONVERSATION_COLUMNS                                                                         \
    "SELECT id, org, account, channel, thread_key, person, peer_kind, peer_value, last_inbound_at, " \
    "status, archived, kind FROM conversations"
constexpr std::string_view kByThread =
    CONVERSATION_COLUMNS " WHERE account = $1 AND thread_key = $2 AND is_open = 1";
constexpr std::string_view kByPerson = CONVERSATION_COLUMNS
    " WHERE org = $1 AND person = $2 AND account = $3 AND is_open = 1 AND thread_key NOT LIKE 'group:%'"
    " AND thread_key NOT LIKE 'mail:%'"
    " ORDER BY id LIMIT 1";
// Where the last one of this thread went, and where that one went in turn.
constexpr std::string_view kByMerged =
    "WITH RECURSIVE kept(id, steps) AS (SELECT * FROM (SELECT merged_into, 1 FROM conversations"
    " WHERE account = $1 AND thread_key = $2 AND merged_into IS NOT NULL ORDER BY id DESC LIMIT 1) AS last"
    " UNION ALL SELECT c.merged_into, kept.steps + 1 FROM conversations c JOIN kept ON c.id = kept.id"
    " WHERE c.merged_into IS NOT NULL AND kept.steps < 100) " CONVERSATION_COLUMNS
    " WHERE is_open = 1 AND id IN (SELECT id FROM kept)";
constexpr std::string_view kById = CONVERSATION_COLUMNS " WHERE id = $1 AND org = $2";
#undef CONVERSATION_COLUMNS

constexpr std::string_view kInsert =
    "INSERT INTO conversations (id, org, account, channel, thread_key, person, peer_kind, peer_value, "
    "subject, status,"
    " is_open, last_seq, last_message_at, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, '', 'open', 1, "
    "0, $9, $9)";
#define ADVANCE                                                                           \
    "UPDATE conversations SET last_seq = last_seq + 1, last_message_at ="                 \
    " CASE WHEN $1 > last_message_at THEN $1 ELSE last_message_at END, last_inbound_at =" \
    " CASE WHEN $2 > COALESCE(last_inbound_at, 0) THEN $2 ELSE last_inbound_at END WHERE id = $3"
constexpr std::string_view kAdvance = ADVANCE;
constexpr std::string_view kBeginAt = "UPDATE conversations SET last_message_at = $1 WHERE id = $2";
constexpr std::string_view kLastSeq = "SELECT last_seq FROM conversations WHERE id = $1";
// With several nodes the row's lock makes the number ours, and one way to the database is enough.
constexpr std::string_view kAdvanceReturning = ADVANCE " RETURNING last_seq";
#undef ADVANCE

constexpr std::string_view kWake =
    "UPDATE conversations SET status = 'open', archived = 0, snoozed_until = NULL, revision = revision + 1"
    " WHERE id = $1";

std::string cacheKey(Id account, const std::string& thread_key) {
    return std::to_string(account) + ' ' + thread_key;
}

Conversation fromRow(const Row& row) {
    Conversation conversation{row.integer(0),
                              row.integer(1),
                              row.integer(2),
                              row.text(3),
                              row.text(4),
                              row.integer(5),
                              {row.text(6), row.text(7)},
                              {},
                              false};
    if (!row.isNull(8)) conversation.last_inbound_at = fromMicros(row.integer(8));
    conversation.status = row.text(9);
    conversation.is_archived = row.integer(10) != 0;
    conversation.kind = row.text(11);
    return conversation;
}

// Threads that are more than the conversation with one person.
bool isGroup(const std::string& thread_key) {
    return thread_key.starts_with("group:") || thread_key.starts_with("mail:");
}

}  // namespace

Conversations::Conversations(Store& store, Ids& ids, const Clock& clock)
    : ids_(ids), clock_(clock), is_exclusive_(store.isExclusive()) {
    store.onRollback([this] { open_.clear(); });
}

Conversation& Conversations::open(Tx& tx, const Account& account, const std::string& channel,
                                  const std::string& thread_key, Id person, const Identity& peer) {
    std::string key = cacheKey(account.id, thread_key);
    if (!is_exclusive_ || open_.size() > kMaxCached) open_.clear();
    if (const auto it = open_.find(key); it != open_.end()) {
        it->second.is_new = false;
        it->second.person = person;
        return it->second;
    }
    auto found = load(tx, account, thread_key, person);
    if (!found) found = create(tx, account, channel, thread_key, person, peer);
    // Another spelling of the same thread may be cached already; there must be one entry that counts.
    if (const auto twin = open_.find(cacheKey(account.id, found->thread_key)); twin != open_.end()) {
        twin->second.is_new = false;
        return twin->second;
    }
    return open_.emplace(cacheKey(account.id, found->thread_key), std::move(*found)).first->second;
}

std::optional<Conversation> Conversations::load(Tx& tx, const Account& account, const std::string& thread_key,
                                                Id person) {
    Rows rows = tx.query(kByThread, {account.id, thread_key});
    if (rows.empty()) rows = tx.query(kByMerged, {account.id, thread_key});
    if (rows.empty() && !isGroup(thread_key)) rows = tx.query(kByPerson, {account.org, person, account.id});
    if (rows.empty()) return std::nullopt;
    return fromRow(rows[0]);
}

Conversation Conversations::create(Tx& tx, const Account& account, const std::string& channel,
                                   const std::string& thread_key, Id person, const Identity& peer) {
    Conversation conversation{ids_.next(), account.org, account.id, channel, thread_key,
                              person,      peer,        {},         true};
    tx.exec(kInsert, {conversation.id, account.org, account.id, channel, thread_key, person, peer.kind,
                      peer.value, toMicros(clock_.now())});
    return conversation;
}

std::optional<Conversation> Conversations::find(Tx& tx, Id org, Id conversation) {
    const Rows rows = tx.query(kById, {conversation, org});
    if (rows.empty()) return std::nullopt;
    return fromRow(rows[0]);
}

void Conversations::wake(Tx& tx, const Conversation& conversation) {
    tx.exec(kWake, {conversation.id});
    const auto it = open_.find(cacheKey(conversation.account, conversation.thread_key));
    if (it == open_.end() || it->second.id != conversation.id) return;
    it->second.status = "open";
    it->second.is_archived = false;
}

void Conversations::forget(const Conversation& conversation) {
    open_.erase(cacheKey(conversation.account, conversation.thread_key));
}

void Conversations::beginAt(Tx& tx, Id conversation, TimePoint at) {
    tx.exec(kBeginAt, {toMicros(at), conversation});
}

std::int64_t Conversations::advance(Tx& tx, Id conversation, std::optional<TimePoint> inbound_at,
                                    std::optional<TimePoint> active_at) {
    const Value active = toMicros(active_at.value_or(clock_.now())),
                inbound = inbound_at ? toMicros(*inbound_at) : 0;
    if (!is_exclusive_) return tx.query(kAdvanceReturning, {active, inbound, conversation}).at(0).integer(0);
    // SQLite makes a table of its own for what a statement returns: two statements cost half as much.
    tx.exec(kAdvance, {active, inbound, conversation});
    return tx.query(kLastSeq, {conversation}).at(0).integer(0);
}

}  // namespace signalbox

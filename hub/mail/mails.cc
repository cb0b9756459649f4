#include "hub/mail/mails.h"

#include <algorithm>

#include "base/crypto.h"
#include "hub/model/mail_subject.h"

namespace signalbox {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kMaxAncestors = 100;
constexpr std::size_t kMaxParties = 40;
constexpr auto kSubjectWindow = 30 * 24h;

constexpr std::string_view kLocated =
    "SELECT l.message, m.message_id FROM mail_locations l LEFT JOIN mails m ON m.message = l.message"
    " WHERE l.account = $1 AND l.folder = $2 AND l.uidvalidity = $3 AND l.uid = $4";
// Both indexes leave the empty ones out; without the second condition SQLite would not take them.
constexpr std::string_view kByContent =
    "SELECT message FROM mails WHERE org = $1 AND content_key = $2 AND content_key <> ''";
constexpr std::string_view kOwnUnseen =
    "SELECT message FROM mails WHERE org = $1 AND message_key = $2 AND account = $3 AND content_key = ''";
constexpr std::string_view kAdoptContent =
    "UPDATE mails SET content_key = $1 WHERE message = $2 AND content_key = ''";
#define PARENT "SELECT conversation, thread_key, subject_base FROM mails"
constexpr std::string_view kByMessage = PARENT " WHERE message = $1 AND org = $2 AND scope = $3";
constexpr std::string_view kByThreadIndex = PARENT
    " WHERE org = $1 AND thread_index = $2 AND thread_index <> '' AND scope = $4"
    " ORDER BY CASE WHEN account = $3 THEN 0 ELSE 1 END, message DESC LIMIT 1";
constexpr std::string_view kByMessageId = PARENT
    " WHERE org = $1 AND message_key = $2 AND scope = $4 ORDER BY CASE WHEN account = $3 THEN 0 ELSE 1 END,"
    " message";
constexpr std::string_view kBySubject = PARENT
    " WHERE account = $1 AND subject_base = $2 AND created_at >= $3 AND EXISTS (SELECT 1 FROM mail_parties p"
    " WHERE p.conversation = mails.conversation AND p.address = $4) ORDER BY message DESC LIMIT 1";
#undef PARENT
constexpr std::string_view kByTicket =
    "SELECT m.conversation, m.thread_key, m.subject_base FROM work_items w JOIN mails m"
    " ON m.conversation = w.conversation WHERE w.org = $1 AND w.kind = 'ticket' AND w.number = $2 AND "
    "m.scope = $3"
    " ORDER BY m.message DESC LIMIT 1";
constexpr std::string_view kAwaited =
    "SELECT conversation, thread_key, subject_base FROM mail_awaited WHERE org = $1 AND message_id = $2"
    " AND scope = $3";
constexpr std::string_view kIsParty = "SELECT 1 FROM mail_parties WHERE conversation = $1 AND address = $2";
constexpr std::string_view kInsert =
    "INSERT INTO mails (message, org, account, conversation, thread_key, message_id, ancestors, subject,"
    " subject_base, auto_kind, content_key, created_at, thread_index, scope, may_auto_reply,"
    " message_key) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)";
constexpr std::string_view kAwait =
    "INSERT INTO mail_awaited (org, message_id, thread_key, conversation, subject_base, scope)"
    " SELECT $1, $2, $3, $4, $5, $6 WHERE NOT EXISTS (SELECT 1 FROM mails WHERE org = $1 AND message_key = $2"
    " AND scope = $6) ON CONFLICT (org, scope, message_id) DO NOTHING";
constexpr std::string_view kArrived =
    "DELETE FROM mail_awaited WHERE org = $1 AND message_id = $2 AND scope = $3";
constexpr std::string_view kLocate =
    "INSERT INTO mail_locations (account, folder, uidvalidity, uid, message, is_seen)"
    " VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (account, folder, uidvalidity, uid)"
    // 0: it was in quarantine. Another one: the server gave the number away once more.
    " DO UPDATE SET message = $5, is_seen = CASE WHEN mail_locations.message IN (0, $5)"
    " THEN mail_locations.is_seen ELSE $6 END";
constexpr std::string_view kSetSeen =
    "UPDATE mail_locations SET is_seen = $1 WHERE account = $2 AND folder = $3 AND uidvalidity = $4"
    " AND uid = $5 AND is_seen <> $1 RETURNING message";
constexpr std::string_view kAddParty =
    "INSERT INTO mail_parties (conversation, address, name, role, person) VALUES ($1, $2, $3, $4, $5)"
    " ON CONFLICT (conversation, address) DO NOTHING";
constexpr std::string_view kLink =
    "INSERT INTO conversation_links (conversation, other, kind) VALUES ($1, $2, 'subject_changed')"
    " ON CONFLICT (conversation, other) DO NOTHING";
constexpr std::string_view kReadKey = "SELECT token_key FROM mail_keys WHERE org = $1";
constexpr std::string_view kMakeKey =
    "INSERT INTO mail_keys (org, token_key) VALUES ($1, $2) ON CONFLICT (org) DO NOTHING";

// These answer under subjects of their own making.
bool isMachineAnswer(const MailFacts& facts) {
    return facts.auto_kind == "bounce" || facts.auto_kind == "receipt" || facts.auto_kind == "complaint" ||
           facts.auto_kind == "auto_reply" || facts.auto_kind == "unsubscribe";
}

std::string keyOf(const MailFacts& facts) {
    constexpr std::size_t kLongest = 200;
    if (facts.message_id.size() <= kLongest) return "mail:" + facts.message_id;
    return "mail:" + toHex(hash(HashAlgorithm::Sha256, facts.message_id)).substr(0, 32);
}

std::string senderOf(const MailFacts& facts) {
    for (const MailParty& party : facts.parties) {
        if (party.role == "from") return party.address;
    }
    return "";
}

}  // namespace

std::string contentKey(const Account& account, const MailFacts& facts, Direction direction) {
    if (facts.content_key.empty()) return "";
    const std::string scope = account.scope == 0 ? "" : std::to_string(account.scope) + ':';
    return (direction == Direction::Inbound ? "in:" : "out:") + scope + facts.content_key;
}

Result<std::unique_ptr<Mails>> Mails::open(Store& store, People& people, const Clock& clock) {
    const std::string fresh = toHex(randomBytes(32));
    const auto made = store.writeAndWait([&](Tx& tx) { tx.exec(kMakeKey, {kDefaultOrg, fresh}); });
    if (!made) return made.error();
    std::string key;
    store.read([&](Reader& reader) { key = reader.query(kReadKey, {kDefaultOrg}).at(0).text(0); });
    return std::make_unique<Mails>(store, people, clock, std::move(key));
}

Mails::Mails(Store& store, People& people, const Clock& clock, std::string key)
    : store_(store), people_(people), clock_(clock), token_(std::move(key)) {}

bool Mails::isLocated(Tx& tx, const Account& account, const MailLocation& at,
                      const std::string& message_id) const {
    const Rows rows = tx.query(kLocated, {account.id, at.folder, at.uidvalidity, at.uid});
    if (rows.empty()) return false;
    const bool is_told = !rows[0].isNull(1) && !rows[0].text(1).empty() && !message_id.empty();
    return !is_told || rows[0].text(1) == message_id;
}

std::optional<Id> Mails::findCopy(Tx& tx, const Account& account, const MailFacts& facts,
                                  Direction direction) const {
    const std::string key = contentKey(account, facts, direction);
    if (!key.empty()) {
        const Rows rows = tx.query(kByContent, {account.org, key});
        if (!rows.empty()) return rows[0].integer(0);
    }
    if (direction == Direction::Inbound) return std::nullopt;
    const Rows own = tx.query(kOwnUnseen, {account.org, messageKey(facts.message_id), account.id});
    // Sent once more after a crash, it lies in Sent twice with other dates; it is one message all the same.
    if (own.empty()) {
        const auto ours = token_.find(facts.message_id);
        const bool is_known = ours && !tx.query(kByMessage, {*ours, account.org, account.scope}).empty();
        return is_known ? ours : std::nullopt;
    }
    tx.exec(kAdoptContent, {key, own[0].integer(0)});
    return own[0].integer(0);
}

MailThread Mails::findThread(Tx& tx, const Account& account, const MailFacts& facts,
                             Direction direction) const {
    const auto parent = findParent(tx, account, facts);
    if (!parent || !mayJoin(tx, account, facts, *parent, direction)) return {keyOf(facts), 0};
    const bool is_other_subject = !isMachineAnswer(facts) && !parent->is_named &&
                                  !facts.subject_base.empty() && !parent->subject_base.empty() &&
                                  facts.subject_base != parent->subject_base;
    if (is_other_subject) return {keyOf(facts), parent->conversation};
    return {parent->thread_key, 0};
}

std::optional<Mails::Parent> Mails::findParent(Tx& tx, const Account& account, const MailFacts& facts) const {
    for (const auto rule : {&Mails::byToken, &Mails::byAncestors, &Mails::awaiting, &Mails::byMark,
                            &Mails::byThreadIndex, &Mails::byTicket, &Mails::bySubject}) {
        if (auto parent = (this->*rule)(tx, account, facts)) return parent;
    }
    return std::nullopt;
}

std::optional<Mails::Parent> Mails::byToken(Tx& tx, const Account& account, const MailFacts& facts) const {
    std::vector<std::string_view> places;
    for (const MailParty& party : facts.parties) places.push_back(party.address);
    if (!facts.about.empty()) places.push_back(facts.about);
    for (auto it = facts.ancestors.rbegin(); it != facts.ancestors.rend(); ++it) places.push_back(*it);
    for (const std::string_view place : places) {
        const auto message = token_.find(place);
        if (!message) continue;
        const Rows rows = tx.query(kByMessage, {*message, account.org, account.scope});
        if (!rows.empty()) return Parent{rows[0].integer(0), rows[0].text(1), rows[0].text(2), true};
    }
    return std::nullopt;
}

std::optional<Mails::Parent> Mails::byAncestors(Tx& tx, const Account& account,
                                                const MailFacts& facts) const {
    std::vector<std::string> ids(facts.ancestors.rbegin(), facts.ancestors.rend());
    if (!facts.about.empty()) ids.insert(ids.begin(), facts.about);
    if (ids.size() > kMaxAncestors) ids.resize(kMaxAncestors);
    for (const std::string& id : ids) {
        const std::string key = messageKey(id);
        if (key == messageKey(facts.message_id)) continue;
        const Rows rows = tx.query(kByMessageId, {account.org, key, account.id, account.scope});
        if (!rows.empty()) return Parent{rows[0].integer(0), rows[0].text(1), rows[0].text(2), false};
    }
    return std::nullopt;
}

std::optional<Mails::Parent> Mails::awaiting(Tx& tx, const Account& account, const MailFacts& facts) const {
    const Rows rows = tx.query(kAwaited, {account.org, messageKey(facts.message_id), account.scope});
    if (rows.empty()) return std::nullopt;
    return Parent{rows[0].integer(0), rows[0].text(1), rows[0].text(2), true};
}

// Anybody may quote one of our mails, so the sender must belong to the conversation.
std::optional<Mails::Parent> Mails::byMark(Tx& tx, const Account& account, const MailFacts& facts) const {
    for (const std::string& mark : facts.marks) {
        const auto message = token_.find(mark);
        if (!message) continue;
        const Rows rows = tx.query(kByMessage, {*message, account.org, account.scope});
        if (!rows.empty()) return Parent{rows[0].integer(0), rows[0].text(1), rows[0].text(2), false};
    }
    return std::nullopt;
}

std::optional<Mails::Parent> Mails::byThreadIndex(Tx& tx, const Account& account,
                                                  const MailFacts& facts) const {
    if (facts.thread_index.empty()) return std::nullopt;
    const Rows rows = tx.query(kByThreadIndex, {account.org, facts.thread_index, account.id, account.scope});
    if (rows.empty()) return std::nullopt;
    return Parent{rows[0].integer(0), rows[0].text(1), rows[0].text(2), false};
}

std::optional<Mails::Parent> Mails::byTicket(Tx& tx, const Account& account, const MailFacts& facts) const {
    const std::int64_t number = ticketIn(facts.subject);
    if (number == 0) return std::nullopt;
    const Rows rows = tx.query(kByTicket, {account.org, number, account.scope});
    if (rows.empty()) return std::nullopt;
    return Parent{rows[0].integer(0), rows[0].text(1), rows[0].text(2), false, true};
}

std::optional<Mails::Parent> Mails::bySubject(Tx& tx, const Account& account, const MailFacts& facts) const {
    if (!facts.is_response || !facts.ancestors.empty() || facts.subject_base.empty()) return std::nullopt;
    const std::int64_t since = toMicros(facts.happened_at.value_or(clock_.now()) - kSubjectWindow);
    const Rows rows = tx.query(kBySubject, {account.id, facts.subject_base, since, senderOf(facts)});
    if (rows.empty()) return std::nullopt;
    return Parent{rows[0].integer(0), rows[0].text(1), rows[0].text(2), false};
}

bool Mails::mayJoin(Tx& tx, const Account& account, const MailFacts& facts, const Parent& parent,
                    Direction direction) const {
    // A list's members know each other's Message-IDs, and what answers for a server has an address of its
    // own.
    if (parent.is_certain || direction == Direction::Outbound || facts.auto_kind == "list" ||
        isMachineAnswer(facts))
        return true;
    const std::string sender = senderOf(facts);
    return sender == account.address || !tx.query(kIsParty, {parent.conversation, sender}).empty();
}

void Mails::record(Tx& tx, const Account& account, Id message, Id conversation, const MailThread& thread,
                   const MailFacts& facts, Direction direction) {
    const std::string key = messageKey(facts.message_id);
    tx.exec(kInsert, {message, account.org, account.id, conversation, thread.thread_key, facts.message_id,
                      dumpJson(facts.ancestors), facts.subject, facts.subject_base, facts.auto_kind,
                      contentKey(account, facts, direction),
                      toMicros(facts.happened_at.value_or(clock_.now())), facts.thread_index, account.scope,
                      std::int64_t{facts.may_auto_reply && !isMachineAnswer(facts) ? 1 : 0}, key});
    tx.exec(kArrived, {account.org, key, account.scope});
    const std::size_t first = facts.ancestors.size() - std::min(facts.ancestors.size(), kMaxAncestors);
    for (std::size_t i = first; i < facts.ancestors.size(); ++i) {
        tx.exec(kAwait, {account.org, messageKey(facts.ancestors[i]), thread.thread_key, conversation,
                         facts.subject_base, account.scope});
    }
    if (thread.linked_from != 0) tx.exec(kLink, {conversation, thread.linked_from});
    recordParties(tx, account, conversation, facts);
}

void Mails::recordParties(Tx& tx, const Account& account, Id conversation, const MailFacts& facts) {
    if (facts.auto_kind == "bounce") return;  // a mail server is no participant
    std::size_t count = 0;
    for (const MailParty& party : facts.parties) {
        const bool is_ours = party.address == account.address || party.role == "delivered_to" ||
                             token_.find(party.address).has_value();
        if (party.address.empty() || is_ours || ++count > kMaxParties) continue;
        const Id person =
            people_.resolve(tx, account.org, {{{"email", party.address}}, party.name}, account.scope);
        tx.exec(kAddParty, {conversation, party.address, party.name, party.role, person});
    }
}

void Mails::locate(Tx& tx, const Account& account, const MailLocation& at, Id message) {
    tx.exec(kLocate,
            {account.id, at.folder, at.uidvalidity, at.uid, message, std::int64_t{at.is_seen ? 1 : 0}});
}

std::optional<Id> Mails::setSeen(Tx& tx, const Account& account, const MailLocation& at) {
    const Rows rows =
        tx.query(kSetSeen, {std::int64_t{at.is_seen ? 1 : 0}, account.id, at.folder, at.uidvalidity, at.uid});
    if (rows.empty()) return std::nullopt;
    return rows[0].integer(0);
}

}  // namespace signalbox

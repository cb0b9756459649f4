#include "hub/mail/suppressions.h"

#include <limits>

#include "base/own_json.h"
#include "hub/model/mail_facts.h"
#include "hub/people/people.h"

namespace signalbox {
namespace {

constexpr std::size_t kMaxDetail = 500;

constexpr std::string_view kInsert =
    "INSERT INTO mail_suppressions (id, org, address, reason, detail, message, added_by, created_at)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (org, address) DO NOTHING";
#define ENTRY "SELECT id, org, address, reason, detail, message, added_by, created_at FROM mail_suppressions"
constexpr std::string_view kFind = ENTRY " WHERE org = $1 AND address = $2";
constexpr std::string_view kList = ENTRY
    " WHERE org = $1 AND id < $2 AND ($3 = '' OR address LIKE $4 ESCAPE '\\') ORDER BY id DESC LIMIT $5";
#undef ENTRY
constexpr std::string_view kOwnMailTo =
    "SELECT m.message FROM mails m JOIN messages x ON x.id = m.message JOIN mail_parties p"
    " ON p.conversation = m.conversation WHERE m.org = $1 AND m.message_key = $2 AND x.direction = 'out'"
    " AND p.address = $3 LIMIT 1";
// Of mails that do not say it themselves: whom the conversation is with, or where they want answers.
#define WRITTEN_TO                                                                                      \
    "CASE WHEN c.peer_kind <> 'email' THEN '' WHEN (SELECT COUNT(*) FROM mail_parties r WHERE"          \
    " r.conversation = c.id AND r.role = 'reply_to') = 1 AND NOT EXISTS (SELECT 1 FROM mails l WHERE"   \
    " l.conversation = c.id AND l.auto_kind = 'list') THEN (SELECT r.address FROM mail_parties r WHERE" \
    " r.conversation = c.id AND r.role = 'reply_to') ELSE c.peer_value END"
constexpr std::string_view kRecipientOf =
    "SELECT m.message, x.content, " WRITTEN_TO
    " FROM mails m JOIN messages x ON x.id = m.message JOIN conversations c"
    " ON c.id = m.conversation WHERE m.org = $1 AND m.message_key = $2 AND x.direction = 'out'"
    " AND c.peer_kind = 'email' LIMIT 1";

constexpr std::string_view kOwnMail =
    "SELECT m.org, m.account, p.address, x.content, " WRITTEN_TO
    " FROM mails m JOIN messages x ON x.id = m.message JOIN conversations c ON c.id = m.conversation"
    " LEFT JOIN mail_parties p ON p.conversation = m.conversation"
    " WHERE m.message = $1 AND x.direction = 'out' LIMIT 100";
#undef WRITTEN_TO

Suppression fromRow(const Row& row) {
    return {row.integer(0), row.integer(1), row.text(2), row.text(3),
            row.text(4),    row.integer(5), row.text(6), fromMicros(row.integer(7))};
}

// Empty: several, and who of them speaks is not known.
std::string recipientIn(const std::string& content_text, const std::string& otherwise) {
    const auto content = parseJson(content_text, kOwnJson);
    const Json to = content ? memberAt(*content, "to") : Json();
    if (!to.is_array() || to.empty()) return otherwise;
    if (to.size() > 1) return "";
    return normalize(Identity{"email", textAt(to[0], "address")}, "").value;
}

std::string containing(std::string_view text) {
    std::string pattern = "%";
    for (const char c : text) {
        if (c == '%' || c == '_' || c == '\\') pattern += '\\';
        pattern += c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
    }
    return pattern + '%';
}

std::string shortened(std::string text) {
    std::size_t longest = kMaxDetail;
    if (text.size() <= longest) return text;
    while (longest > 0 && (static_cast<unsigned char>(text[longest]) & 0xC0) == 0x80) --longest;
    text.resize(longest);
    return text;
}

}  // namespace

bool addSuppression(Tx& tx, const Suppression& added) {
    return tx.exec(kInsert, {added.id, added.org, added.address, added.reason, shortened(added.detail),
                             added.message, added.added_by, toMicros(added.created_at)}) == 1;
}

bool removeSuppression(Tx& tx, Id org, const std::string& address) {
    return tx.exec("DELETE FROM mail_suppressions WHERE org = $1 AND address = $2", {org, address}) == 1;
}

std::optional<Suppression> findSuppression(Reader& reader, Id org, const std::string& address) {
    const Rows rows = reader.query(kFind, {org, address});
    if (rows.empty()) return std::nullopt;
    return fromRow(rows[0]);
}

PageOfItems listSuppressions(Store& store, Id org, const std::string& text, const PageRequest& page) {
    PageOfItems result;
    const Id before = page.before == 0 ? std::numeric_limits<Id>::max() : page.before;
    const std::string pattern = containing(text);
    Rows rows;
    store.read([&](Reader& reader) {
        rows = reader.query(kList, {org, before, text, pattern, static_cast<std::int64_t>(page.limit + 1)});
    });
    const bool has_more = rows.size() > page.limit;
    if (has_more) rows.pop_back();
    for (const Row& row : rows) result.items.push_back(suppressionJson(fromRow(row)));
    if (has_more) result.next = rows.back().integer(0);
    return result;
}

Json suppressionJson(const Suppression& shown) {
    Json out = {{"id", idText(kSuppressionId, shown.id)},
                {"address", shown.address},
                {"reason", shown.reason},
                {"detail", shown.detail},
                {"added_by", shown.added_by},
                {"created_at", toRfc3339(shown.created_at)}};
    if (shown.message != 0) out["message_id"] = idText(kMessageId, shown.message);
    return out;
}

std::optional<Id> ownMailTo(Reader& reader, Id org, const std::string& message_id,
                            const std::string& address) {
    const Rows rows = reader.query(kOwnMailTo, {org, messageKey(message_id), address});
    if (rows.empty()) return std::nullopt;
    return rows[0].integer(0);
}

std::optional<OwnMailRecipient> recipientOfOwnMail(Reader& reader, Id org, const std::string& message_id) {
    const Rows rows = reader.query(kRecipientOf, {org, messageKey(message_id)});
    if (rows.empty()) return std::nullopt;
    const std::string address = recipientIn(rows[0].text(1), rows[0].text(2));
    if (address.empty()) return std::nullopt;
    return OwnMailRecipient{rows[0].integer(0), address};
}

std::optional<OwnMailParties> findOwnMail(Reader& reader, Id message) {
    const Rows rows = reader.query(kOwnMail, {message});
    if (rows.empty()) return std::nullopt;
    OwnMailParties found{
        rows[0].integer(0), rows[0].integer(1), recipientIn(rows[0].text(3), rows[0].text(4)), {}};
    for (const Row& row : rows) {
        if (!row.isNull(2)) found.parties.push_back(row.text(2));
    }
    return found;
}

}  // namespace signalbox

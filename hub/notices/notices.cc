#include "hub/notices/notices.h"

#include <algorithm>
#include <limits>

namespace signalbox {
namespace {

constexpr std::string_view kInsert =
    "INSERT INTO notices (id, org, user_id, title, text, link, source, conversation, escalation, created_at,"
    " read_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, NULL)";
constexpr std::string_view kOneUser =
    "SELECT id, email FROM users WHERE org = $1 AND (id = $2 OR email = $3) AND state = 'active'";
constexpr std::string_view kAdmins =
    "SELECT id, email FROM users WHERE org = $1 AND role = 'admin' AND state = 'active' ORDER BY id LIMIT "
    "100";
constexpr std::string_view kMembers =
    "SELECT u.id, u.email FROM teams t JOIN team_members m ON m.team = t.id JOIN users u ON u.id = m.user_id"
    " WHERE t.org = $1 AND (t.id = $2 OR t.name = $3) AND u.state = 'active' ORDER BY u.id";
constexpr std::string_view kSelect =
    "SELECT id, title, text, link, source, conversation, escalation, created_at, read_at FROM notices"
    " WHERE user_id = $1 AND id < $2 AND (read_at IS NULL OR $3 = 0) ORDER BY id DESC LIMIT $4";

Value orNull(Id id) {
    return id == 0 ? Value(nullptr) : Value(id);
}

Json idOrNull(std::string_view prefix, const Row& row, std::size_t column) {
    return row.isNull(column) ? Json(nullptr) : Json(idText(prefix, row.integer(column)));
}

Json toJson(const Row& row) {
    return {{"id", idText(kNoticeId, row.integer(0))},
            {"title", row.text(1)},
            {"text", row.text(2)},
            {"link", row.text(3)},
            {"source", row.text(4)},
            {"conversation_id", idOrNull(kConversationId, row, 5)},
            {"escalation_id", idOrNull("esc", row, 6)},
            {"created_at", toRfc3339(fromMicros(row.integer(7)))},
            {"read_at", row.isNull(8) ? Json(nullptr) : Json(toRfc3339(fromMicros(row.integer(8))))}};
}

}  // namespace

Result<std::vector<Recipient>> findRecipients(Reader& reader, Id org, const std::vector<std::string>& texts) {
    std::vector<Recipient> found;
    for (const std::string& text : texts) {
        std::string lower = text;
        for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
        Rows rows = reader.query(kOneUser, {org, parseId(kUserId, text).value_or(0), lower});
        if (rows.empty()) rows = reader.query(kMembers, {org, parseId(kTeamId, text).value_or(0), text});
        if (rows.empty())
            return Error{
                ErrorKind::Invalid,
                "to: \"" + text.substr(0, 80) +
                    "\" is no active user (usr_… or e-mail address) and no team with active members"};
        for (const Row& row : rows) {
            const bool is_known = std::any_of(
                found.begin(), found.end(), [&](const Recipient& one) { return one.user == row.integer(0); });
            if (!is_known) found.push_back({row.integer(0), row.text(1)});
        }
    }
    return found;
}

std::vector<Recipient> findAdmins(Reader& reader, Id org) {
    std::vector<Recipient> found;
    for (const Row& row : reader.query(kAdmins, {org})) found.push_back({row.integer(0), row.text(1)});
    return found;
}

void Notices::add(Tx& tx, const NewNotice& notice, const std::vector<Recipient>& recipients) {
    for (const Recipient& recipient : recipients) {
        const Id id = ids_.next();
        tx.exec(kInsert,
                {id, notice.org, recipient.user, notice.title, notice.text, notice.link, notice.source,
                 orNull(notice.conversation), orNull(notice.escalation), toMicros(clock_.now())});
        const std::string payload = dumpJson({{"notice_id", idText(kNoticeId, id)},
                                              {"user_id", idText(kUserId, recipient.user)},
                                              {"title", notice.title},
                                              {"by", notice.source}});
        log_.append(tx, {notice.org, "notice.created", 0, notice.conversation, payload});
    }
}

bool Notices::markRead(Tx& tx, Id user, Id notice) {
    return tx.exec("UPDATE notices SET read_at = $1 WHERE id = $2 AND user_id = $3 AND read_at IS NULL",
                   {toMicros(clock_.now()), notice, user}) == 1;
}

std::int64_t Notices::markAllRead(Tx& tx, Id user) {
    return tx.exec("UPDATE notices SET read_at = $1 WHERE user_id = $2 AND read_at IS NULL",
                   {toMicros(clock_.now()), user});
}

void Notices::markTaken(Tx& tx, Id escalation) {
    tx.exec("UPDATE notices SET read_at = $1 WHERE escalation = $2 AND read_at IS NULL",
            {toMicros(clock_.now()), escalation});
}

PageOfItems listNotices(Store& store, Id user, bool only_unread, const PageRequest& page) {
    PageOfItems result;
    store.read([&](Reader& reader) {
        const Id before = page.before == 0 ? std::numeric_limits<Id>::max() : page.before;
        Rows rows = reader.query(kSelect, {user, before, std::int64_t{only_unread ? 1 : 0},
                                           static_cast<std::int64_t>(page.limit + 1)});
        if (rows.size() > page.limit) {
            rows.erase(rows.begin() + static_cast<std::ptrdiff_t>(page.limit), rows.end());
            result.next = rows.back().integer(0);
        }
        for (const Row& row : rows) result.items.push_back(toJson(row));
    });
    return result;
}

std::int64_t countUnreadNotices(Store& store, Id user) {
    std::int64_t count = 0;
    store.read([&](Reader& reader) {
        count = reader.query("SELECT COUNT(*) FROM notices WHERE user_id = $1 AND read_at IS NULL", {user})
                    .at(0)
                    .integer(0);
    });
    return count;
}

}  // namespace signalbox

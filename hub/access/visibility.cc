#include "hub/access/visibility.h"

namespace signalbox {
namespace {

std::string slot(std::vector<Value>& values, Value value) {
    values.push_back(value);
    return '$' + std::to_string(values.size());
}

std::string column(std::string_view alias, std::string_view name) {
    return std::string(alias) + '.' + std::string(name);
}

// A person who was merged is looked for under the one it was merged into.
std::string presentPersonSql(const std::string& person, const std::string& org) {
    return "(SELECT COALESCE(own.merged_into, own.id) FROM people own WHERE own.id = " + person +
           " AND own.org = " + org + ")";
}

}  // namespace

Visibility::Visibility(const Caller& caller)
    : org_(caller.org),
      user_(caller.user),
      person_(caller.person),
      sees_(caller.role != nullptr ? caller.role->sees : Sees::Own),
      sees_notes_(caller.may("notes:read")),
      user_text_(std::to_string(caller.user)),
      role_(caller.role != nullptr ? caller.role->name : "") {}

// What the user himself was granted.
std::string Visibility::grantedPersonally(std::string_view kind, std::vector<Value>& values) const {
    const std::string org = slot(values, org_), kind_value = slot(values, kind);
    return "SELECT g.object FROM grants g WHERE g.org = " + org + " AND g.object_kind = " + kind_value +
           " AND g.subject_kind = 'user' AND g.subject = " + slot(values, std::string_view(user_text_));
}

// The objects of a kind that the user, one of his teams or his role was granted.
std::string Visibility::grantedTo(std::string_view kind, std::vector<Value>& values) const {
    const std::string org = slot(values, org_), kind_value = slot(values, kind),
                      user = slot(values, std::string_view(user_text_));
    const std::string role = slot(values, std::string_view(role_)), member = slot(values, user_);
    return "SELECT g.object FROM grants g WHERE g.org = " + org + " AND g.object_kind = " + kind_value +
           " AND ((g.subject_kind = 'user' AND g.subject = " + user +
           ") OR (g.subject_kind = 'role' AND g.subject = " + role +
           ") OR (g.subject_kind = 'team' AND g.subject IN (SELECT CAST(tm.team AS TEXT) FROM team_members tm"
           " WHERE tm.user_id = " +
           member + ")))";
}

std::string Visibility::isOfOthersAccount(std::string_view column, std::vector<Value>& values) const {
    return std::string(column) + " IN (SELECT pa.id FROM accounts pa WHERE pa.private_to <> 0 AND" +
           " pa.private_to <> " + slot(values, user_) + ")";
}

std::string Visibility::ownAccounts(std::vector<Value>& values) const {
    return "(SELECT oa.id FROM accounts oa WHERE oa.owner <> 0 AND oa.owner = " + slot(values, user_) + ")";
}

// Whom a private mailbox's user showed it to is a person: who joins a team later was not meant.
std::string Visibility::isHidden(std::string_view alias, std::vector<Value>& values) const {
    return "(" + isOfOthersAccount(column(alias, "account"), values) + " AND " + column(alias, "id") +
           " NOT IN (" + grantedPersonally("conversation", values) + "))";
}

std::string Visibility::isOthers(std::string_view alias, std::vector<Value>& values) const {
    std::string sql = "(" + isHidden(alias, values);
    if (hidesRooms())
        sql += " OR (" + column(alias, "kind") +
               " IN ('direct', 'group') AND NOT EXISTS (SELECT 1 FROM members pm WHERE pm.conversation = " +
               column(alias, "id") + " AND pm.kind = 'user' AND pm.member = " + slot(values, user_) + "))";
    return sql + ")";
}

std::string Visibility::conversations(std::string_view alias, std::vector<Value>& values) const {
    std::string sql = column(alias, "org") + " = " + slot(values, org_);
    if (sees_ == Sees::Everything) return sql + " AND NOT " + isOthers(alias, values);
    sql += " AND NOT " + isHidden(alias, values) + " AND (" + column(alias, "id") + " IN (" +
           grantedTo("conversation", values) + ") OR " + column(alias, "account") + " IN " +
           ownAccounts(values);
    if (sees_ == Sees::Own) {
        const std::string person = slot(values, person_), org = slot(values, org_);
        sql += " OR " + column(alias, "person") + " = " + presentPersonSql(person, org);
    }
    return sql + ")";
}

std::string Visibility::isAboutNoOthers(std::string_view column, std::vector<Value>& values) const {
    return "NOT EXISTS (SELECT 1 FROM conversations ac WHERE ac.id = " + std::string(column) + " AND " +
           isOthers("ac", values) + ")";
}

std::string Visibility::messages(std::string_view message, std::string_view conversation,
                                 std::vector<Value>& values) const {
    std::string sql = column(message, "org") + " = " + slot(values, org_);
    if (sees_ != Sees::Everything) sql += " AND " + conversations(conversation, values);
    if (sees_ == Sees::Everything) sql += " AND NOT " + isOthers(conversation, values);
    if (!sees_notes_) sql += " AND " + column(message, "direction") + " NOT IN ('internal', 'activity')";
    return sql;
}

std::string Visibility::workItems(std::string_view alias, std::vector<Value>& values) const {
    return column(alias, "org") + " = " + slot(values, org_) + " AND " +
           isAboutNoOthers(column(alias, "conversation"), values);
}

std::string Visibility::people(std::string_view alias, std::vector<Value>& values) const {
    std::string sql = column(alias, "org") + " = " + slot(values, org_);
    if (sees_ == Sees::Everything)
        return sql + " AND (NOT (" + column(alias, "scope") + " <> 0 AND " +
               isOfOthersAccount(column(alias, "scope"), values) +
               ") OR EXISTS (SELECT 1 FROM conversations seen WHERE seen.person = " + column(alias, "id") +
               " AND " + conversations("seen", values) + "))";
    const std::string person = slot(values, person_), org = slot(values, org_);
    sql += " AND ((" + column(alias, "id") + " = " + presentPersonSql(person, org) + " AND NOT " +
           isOfOthersAccount(column(alias, "scope"), values) + ")";
    sql += " OR " + column(alias, "id") + " IN (SELECT seen.person FROM conversations seen WHERE " +
           conversations("seen", values) + "))";
    return sql;
}

std::string Visibility::files(std::string_view alias, std::vector<Value>& values) const {
    std::string sql = column(alias, "org") + " = " + slot(values, org_);
    if (sees_ == Sees::Everything)
        return sql + " AND (" + column(alias, "access") + " <> 'own' OR (" + column(alias, "owner_user") +
               " <> 0 AND " + column(alias, "owner_user") + " = " + slot(values, user_) + "))";
    sql += " AND (" + column(alias, "access") + " = 'public'";
    if (user_ != 0) sql += " OR " + column(alias, "owner_user") + " = " + slot(values, user_);
    return sql + ")";
}

bool Visibility::maySee(Reader& reader, Id conversation) const {
    std::vector<Value> values;
    std::string sql = "SELECT 1 FROM conversations c WHERE " + conversations("c", values);
    sql += " AND c.id = " + slot(values, conversation);
    return !reader.query(sql, std::span<const Value>(values)).empty();
}

bool Visibility::maySeePerson(Reader& reader, Id person) const {
    std::vector<Value> values;
    std::string sql = "SELECT 1 FROM people p WHERE " + people("p", values);
    sql += " AND p.id = " + slot(values, person);
    return !reader.query(sql, std::span<const Value>(values)).empty();
}

bool Visibility::mayShare(Reader& reader, Id conversation) const {
    std::vector<Value> values{conversation};
    const std::string sql =
        "SELECT 1 FROM conversations c WHERE c.id = $1 AND NOT " + isOfOthersAccount("c.account", values);
    return maySee(reader, conversation) && !reader.query(sql, std::span<const Value>(values)).empty();
}

std::vector<Id> Visibility::othersAccounts(Reader& reader) const {
    std::vector<Id> accounts;
    for (const Row& row : reader.query(
             "SELECT id FROM accounts WHERE private_to <> 0 AND private_to <> $1 AND org = $2 ORDER BY id",
             {user_, org_}))
        accounts.push_back(row.integer(0));
    return accounts;
}

bool Visibility::maySeeEvent(Reader& reader, const EventKey& event, std::string_view payload) const {
    const Hears answer = hears(event, payload);
    return answer == Hears::Yes || (answer == Hears::WithConversation && maySee(reader, event.conversation));
}

Visibility::Hears Visibility::hears(const EventKey& event, std::string_view payload) const {
    if (event.org != org_) return Hears::No;
    const auto type = event.type;
    const bool is_note = type.starts_with("note.") ||
                         payload.find(R"("direction":"internal")") != std::string_view::npos ||
                         payload.find(R"("direction":"activity")") != std::string_view::npos;
    if (is_note && !sees_notes_) return Hears::No;
    // How it is with an account is told to those who run the place, whosever it is.
    const bool is_private = event.private_to != 0 && event.private_to != user_;
    if (is_private && event.conversation == 0 && !type.starts_with("account.")) return Hears::No;
    if (sees_ == Sees::Everything) {
        const bool may_be_others = event.conversation != 0 && (event.account == 0 || is_private);
        return may_be_others ? Hears::WithConversation : Hears::Yes;
    }
    // What the inbox says to everyone in a conversation; the rest is the affair of those who run the place.
    const bool is_of_conversation = type.starts_with("message.") || type.starts_with("conversation.") ||
                                    type.starts_with("note.") || type.starts_with("reaction.");
    // Whose it is, how urgent and under which tags is the team's own business, as in the API's answers.
    const bool is_of_the_team = type == "message.tagged" || type == "message.flagged" ||
                                (type.starts_with("conversation.") && type != "conversation.created" &&
                                 type != "conversation.opened" && type != "conversation.status_changed");
    if (!is_of_conversation || event.conversation == 0 || (is_of_the_team && !sees_notes_)) return Hears::No;
    return Hears::WithConversation;
}

std::vector<Id> Visibility::seenAmong(Reader& reader, std::span<const Id> conversations) const {
    std::vector<Id> seen;
    if (conversations.empty()) return seen;
    std::vector<Value> values;
    std::string sql =
        "SELECT c.id FROM conversations c WHERE " + this->conversations("c", values) + " AND c.id IN (";
    for (std::size_t i = 0; i < conversations.size(); ++i)
        sql += (i == 0 ? "" : ", ") + slot(values, conversations[i]);
    for (const Row& row : reader.query(sql + ")", std::span<const Value>(values)))
        seen.push_back(row.integer(0));
    return seen;
}

}  // namespace signalbox

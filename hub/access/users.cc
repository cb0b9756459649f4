#include "hub/access/users.h"

namespace signalbox {
namespace {

const std::string kSelect =
    "SELECT id, org, email, name, role, person, state, password, revision FROM users WHERE org = $1";
const std::string kByEmail = kSelect + " AND email = $2", kById = kSelect + " AND id = $2",
                  kBySubject = kSelect + " AND oidc_subject = $2", kList = kSelect + " ORDER BY id";

User userFrom(const Row& row) {
    return {row.integer(0), row.integer(1),          row.text(2), row.text(3),   row.text(4),
            row.integer(5), row.text(6) == "active", row.text(7), row.integer(8)};
}

std::optional<User> firstOf(const Rows& rows) {
    if (rows.empty()) return std::nullopt;
    return userFrom(rows[0]);
}

Value personValue(Id person) {
    return person == 0 ? Value(nullptr) : Value(person);
}

std::string_view stateOf(const User& user) {
    return user.is_active ? "active" : "disabled";
}

}  // namespace

std::optional<std::string> normalizeEmail(std::string_view text) {
    const auto at = text.find('@');
    const bool is_address = at != std::string_view::npos && at > 0 && at + 1 < text.size() &&
                            text.find('@', at + 1) == std::string_view::npos && text.size() <= 254;
    if (!is_address) return std::nullopt;
    std::string out(text);
    for (char& c : out) {
        if (static_cast<unsigned char>(c) <= ' ' || c == '\x7f') return std::nullopt;
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    }
    return out;
}

std::optional<User> findUser(Reader& reader, Id org, std::string_view email) {
    return firstOf(reader.query(kByEmail, {org, email}));
}

std::optional<User> findUser(Reader& reader, Id org, Id user) {
    return firstOf(reader.query(kById, {org, user}));
}

std::optional<User> findUserBySubject(Reader& reader, Id org, std::string_view subject) {
    return firstOf(reader.query(kBySubject, {org, subject}));
}

Json userJson(const User& user) {
    return {{"id", idText(kUserId, user.id)},
            {"email", user.email},
            {"name", user.name},
            {"role", user.role},
            {"person_id", user.person == 0 ? Json(nullptr) : Json(idText(kPersonId, user.person))},
            {"state", stateOf(user)},
            {"revision", user.revision}};
}

Json listUsers(Reader& reader, Id org) {
    Json items = Json::array();
    for (const Row& row : reader.query(kList, {org})) items.push_back(userJson(userFrom(row)));
    return items;
}

bool insertUser(Tx& tx, const User& user, TimePoint now) {
    if (user.person != 0 && !isPersonOf(tx, user.org, user.person)) return false;
    return tx.exec(
               "INSERT INTO users (id, org, email, name, role, person, state, password, created_at, "
               "changed_at)"
               " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9) ON CONFLICT (org, email) DO NOTHING",
               {user.id, user.org, user.email, user.name, user.role, personValue(user.person), stateOf(user),
                user.password, toMicros(now)}) == 1;
}

bool updateUser(Tx& tx, const User& user, TimePoint now) {
    if (user.person != 0 && !isPersonOf(tx, user.org, user.person)) return false;
    return tx.exec(
               "UPDATE users SET name = $1, role = $2, person = $3, state = $4, changed_at = $5,"
               " revision = revision + 1 WHERE org = $6 AND id = $7 AND revision = $8",
               {user.name, user.role, personValue(user.person), stateOf(user), toMicros(now), user.org,
                user.id, user.revision}) == 1;
}

bool linkSubject(Tx& tx, Id org, Id user, std::string_view subject, TimePoint now) {
    return tx.exec(
               "UPDATE users SET oidc_subject = $1, changed_at = $2"
               " WHERE org = $3 AND id = $4 AND oidc_subject IS NULL",
               {subject, toMicros(now), org, user}) == 1;
}

void setPassword(Tx& tx, Id org, Id user, const std::string& encoded, TimePoint now) {
    tx.exec("UPDATE users SET password = $1, changed_at = $2 WHERE org = $3 AND id = $4",
            {encoded, toMicros(now), org, user});
}

bool isPersonOf(Reader& reader, Id org, Id person) {
    return !reader
                .query(
                    "SELECT 1 FROM people WHERE org = $1 AND id = $2 AND scope NOT IN"
                    " (SELECT id FROM accounts WHERE private_to <> 0)",
                    {org, person})
                .empty();
}

std::int64_t countAdmins(Reader& reader, Id org) {
    return reader
        .query("SELECT count(*) FROM users WHERE org = $1 AND role = 'admin' AND state = 'active'", {org})
        .at(0)
        .integer(0);
}

}  // namespace signalbox

#include "hub/access/invitations.h"

#include "base/crypto.h"

namespace signalbox {
namespace {

using namespace std::chrono_literals;

constexpr auto kInvitationTime = 24h * 7;
constexpr auto kResetTime = 30min;

constexpr std::string_view kOpen =
    "SELECT id, org, email, name, role, person FROM invitations WHERE hash = $1 AND accepted_at IS NULL"
    " AND ends_at > $2";

std::string hashOf(const Secret& token) {
    return toHex(hash(HashAlgorithm::Sha256, token.reveal()));
}

Secret freshToken(const char* prefix) {
    return Secret(prefix + toBase64Url(randomBytes(32)));
}

Error badToken() {
    return {ErrorKind::NotFound, "token: unknown, used already or over", {}, "not_found"};
}

Error userExists() {
    return {ErrorKind::Conflict, "the organization has a user of that address already", {}, "user_exists"};
}

}  // namespace

Result<Invitation> Invitations::invite(const User& who, Id invited_by) {
    const TimePoint now = parts_.clock.now();
    Invitation invitation{parts_.ids.next(), who, freshToken("sbi_"), now + kInvitationTime};
    const std::string hashed = hashOf(invitation.token);
    bool is_taken = false, has_person = true;
    const auto written = parts_.store.writeAndWait([&](Tx& tx) {
        is_taken = findUser(tx, who.org, who.email).has_value();
        has_person = who.person == 0 || isPersonOf(tx, who.org, who.person);
        if (is_taken || !has_person) return;
        tx.exec(
            "INSERT INTO invitations (id, org, email, name, role, person, hash, invited_by, created_at, "
            "ends_at)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            {invitation.id, who.org, who.email, who.name, who.role,
             who.person == 0 ? Value(nullptr) : Value(who.person), hashed, invited_by, toMicros(now),
             toMicros(invitation.ends_at)});
    });
    if (!written) return written.error();
    if (is_taken) return userExists();
    if (!has_person) return Error{ErrorKind::Invalid, "person_id: no such person"};
    return invitation;
}

Json Invitations::list(Id org) {
    Json items = Json::array();
    parts_.store.read([&](Reader& reader) {
        for (const Row& row :
             reader.query("SELECT id, email, name, role, created_at, ends_at FROM invitations"
                          " WHERE org = $1 AND accepted_at IS NULL AND ends_at > $2 ORDER BY id DESC",
                          {org, toMicros(parts_.clock.now())})) {
            items.push_back({{"id", idText(kInvitationId, row.integer(0))},
                             {"email", row.text(1)},
                             {"name", row.text(2)},
                             {"role", row.text(3)},
                             {"created_at", toRfc3339(fromMicros(row.integer(4)))},
                             {"ends_at", toRfc3339(fromMicros(row.integer(5)))}});
        }
    });
    return items;
}

Status Invitations::withdraw(Id org, Id invitation) {
    std::int64_t changed = 0;
    const auto written = parts_.store.writeAndWait([&](Tx& tx) {
        changed = tx.exec("DELETE FROM invitations WHERE org = $1 AND id = $2 AND accepted_at IS NULL",
                          {org, invitation});
    });
    if (!written) return written;
    return changed == 1 ? Status(Done{}) : Error{ErrorKind::NotFound, "no such invitation"};
}

Result<User> Invitations::accept(const Secret& token, const std::string& name, const Secret& password) {
    const std::string hashed = hashOf(token);
    const TimePoint now = parts_.clock.now();
    std::optional<User> user;
    parts_.store.read([&](Reader& reader) {
        const Rows rows = reader.query(kOpen, {hashed, toMicros(now)});
        if (rows.empty()) return;
        user = User{0,
                    rows[0].integer(1),
                    rows[0].text(2),
                    rows[0].text(3),
                    rows[0].text(4),
                    rows[0].integer(5),
                    true,
                    ""};
    });
    if (!user) return badToken();
    if (auto checked = checkNewPassword(password, user->email); !checked) return checked.error();
    auto encoded = parts_.passwords.hash(password);
    if (!encoded) return encoded.error();
    user->id = parts_.ids.next();
    user->password = std::move(*encoded);
    if (!name.empty()) user->name = name;
    bool is_open = false, is_new = false;
    const auto written = parts_.store.writeAndWait([&](Tx& tx) {
        is_open = tx.exec("UPDATE invitations SET accepted_at = $1 WHERE hash = $2 AND accepted_at IS NULL",
                          {toMicros(now), hashed}) == 1;
        is_new = is_open && insertUser(tx, *user, now);
    });
    if (!written) return written.error();
    if (!is_open) return badToken();
    if (!is_new) return userExists();
    return std::move(*user);
}

Result<Secret> Invitations::beginReset(Id org, Id user) {
    const Secret token = freshToken("sbr_");
    const std::string hashed = hashOf(token);
    const TimePoint now = parts_.clock.now();
    bool is_there = false;
    const auto written = parts_.store.writeAndWait([&](Tx& tx) {
        is_there = findUser(tx, org, user).has_value();
        if (!is_there) return;
        tx.exec("DELETE FROM password_resets WHERE user_id = $1 OR ends_at <= $2", {user, toMicros(now)});
        tx.exec(
            "INSERT INTO password_resets (hash, org, user_id, created_at, ends_at) VALUES ($1, $2, $3, $4, "
            "$5)",
            {hashed, org, user, toMicros(now), toMicros(now + kResetTime)});
    });
    if (!written) return written.error();
    if (!is_there) return Error{ErrorKind::NotFound, "no such user"};
    return token;
}

bool Invitations::isResetFresh(Id org, Id user) {
    bool is_fresh = false;
    parts_.store.read([&](Reader& reader) {
        is_fresh = !reader
                        .query(
                            "SELECT 1 FROM password_resets WHERE org = $1 AND user_id = $2"
                            " AND created_at > $3 LIMIT 1",
                            {org, user, toMicros(parts_.clock.now() - 1min)})
                        .empty();
    });
    return is_fresh;
}

Status Invitations::finishReset(const Secret& token, const Secret& password) {
    const std::string hashed = hashOf(token);
    const TimePoint now = parts_.clock.now();
    std::optional<User> user;
    parts_.store.read([&](Reader& reader) {
        const Rows rows =
            reader.query("SELECT org, user_id FROM password_resets WHERE hash = $1 AND ends_at > $2",
                         {hashed, toMicros(now)});
        if (!rows.empty()) user = findUser(reader, rows[0].integer(0), rows[0].integer(1));
    });
    if (!user) return badToken();
    if (auto checked = checkNewPassword(password, user->email); !checked) return checked;
    const auto encoded = parts_.passwords.hash(password);
    if (!encoded) return encoded.error();
    bool is_open = false;
    const auto written = parts_.store.writeAndWait([&](Tx& tx) {
        is_open = tx.exec("DELETE FROM password_resets WHERE hash = $1", {hashed}) == 1;
        if (!is_open) return;
        setPassword(tx, user->org, user->id, *encoded, now);
        Sessions::endAll(tx, user->org, user->id, 0);
    });
    if (!written) return written;
    if (!is_open) return badToken();
    parts_.sessions.forget(user->id, 0);
    return Done{};
}

}  // namespace signalbox

#include "daemon/app/stored_accounts.h"

#include "base/crypto.h"
#include "base/log.h"
#include "hub/access/organizations.h"
#include "hub/accounts/account_tokens.h"

namespace signalbox {
namespace {

constexpr std::string_view kAll =
    "SELECT s.account, s.org, a.name, a.type, s.secrets, s.hook, a.owner FROM stored_accounts s"
    " JOIN accounts a ON a.id = s.account LEFT JOIN users u ON u.id = a.owner"
    " WHERE a.owner = 0 OR u.state = 'active' ORDER BY s.account";
constexpr std::string_view kOne =
    "SELECT s.account, a.name, s.secrets, a.owner FROM stored_accounts s JOIN accounts a ON a.id = s.account"
    " WHERE s.org = $1 AND a.name = $2";
// What lies in an earlier account of the name stays whose it was.
constexpr std::string_view kAccountRow =
    "INSERT INTO accounts (id, org, name, type, channel, changed_at, owner, private_to, scope)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $7, CASE WHEN $7 = 0 THEN 0 ELSE $1 END)"
    " ON CONFLICT (org, name) DO UPDATE SET type = $4, channel = $5, private_to = $7 WHERE accounts.owner = "
    "$7";
constexpr std::string_view kSetPrivate =
    "UPDATE accounts SET private_to = CASE WHEN $1 = 1 THEN owner ELSE 0 END, changed_at = $2 WHERE id = $3"
    " AND owner <> 0";
constexpr std::string_view kTakeOver =
    "UPDATE accounts SET owner = 0, private_to = 0, changed_at = $1 WHERE id = $2 AND owner <> 0";
constexpr std::string_view kAnyOne = "SELECT id, owner FROM accounts WHERE org = $1 AND name = $2";
// Who got in meanwhile stays out, unless the owner let him in.
constexpr std::string_view kTakeGrants =
    "DELETE FROM grants WHERE object_kind = 'conversation' AND granted_by <> $1 AND object IN"
    " (SELECT id FROM conversations WHERE account = $2)";
#define LET_IN(conversation, user)                                                               \
    " AND NOT EXISTS (SELECT 1 FROM grants g WHERE g.object_kind = 'conversation' AND g.object " \
    "= " conversation " AND g.subject_kind = 'user' AND g.subject = CAST(" user " AS TEXT))"
constexpr std::string_view kTakeMembers =
    "DELETE FROM members WHERE kind = 'user' AND member <> $1 AND conversation IN"
    " (SELECT id FROM conversations WHERE account = $2)" LET_IN("members.conversation", "members.member");
constexpr std::string_view kTakeAssignees =
    "UPDATE conversations SET assignee = NULL, revision = revision + 1 WHERE account = $2 AND assignee <> "
    "$1" LET_IN("conversations.id", "conversations.assignee");
#undef LET_IN
constexpr std::string_view kTakeTeams =
    "UPDATE conversations SET team = NULL, revision = revision + 1 WHERE account = $1 AND team IS NOT NULL";
constexpr std::string_view kTouch = "UPDATE stored_accounts SET changed_at = $1 WHERE account = $2";
constexpr std::string_view kSave =
    "INSERT INTO stored_accounts (account, org, hook, secrets, created_at, changed_at) VALUES ($1, $2, $3, "
    "$4, $5, $5)"
    " ON CONFLICT (account) DO UPDATE SET secrets = $4, changed_at = $5";

void shutOut(Tx& tx, Id owner, Id account) {
    for (const std::string_view sql : {kTakeGrants, kTakeMembers, kTakeAssignees})
        tx.exec(sql, {owner, account});
    tx.exec(kTakeTeams, {account});
    // Links for a new password that an admin was shown when there was nothing private yet.
    tx.exec("DELETE FROM password_resets WHERE user_id = $1", {owner});
}

SealedPlace placeOf(Id org, Id account) {
    return {org, "stored_accounts", account, "secrets"};
}

// The connector's own keys.
Json connectorKeys(Json account) {
    for (const char* key : {"name", "type", "region"}) account.erase(key);
    return account;
}

// RFC 7396, except that "***" stands for what is there.
void mergeInto(Json& target, const Json& patch) {
    for (const auto& [name, value] : patch.items()) {
        if (value == "***") continue;
        if (value.is_null()) {
            target.erase(name);
        } else if (value.is_object() && memberAt(target, name).is_object()) {
            mergeInto(target[name], value);
        } else {
            target[name] = value;
        }
    }
}

Error notStored() {
    return {ErrorKind::NotFound, "no such account", {}, "not_found"};
}

}  // namespace

Result<std::shared_ptr<Connector>> StoredAccounts::build(const Json& account) const {
    const ConnectorType* type = findConnectorType(textAt(account, "type"));
    if (type == nullptr) return Error{ErrorKind::Invalid, "type: no connector is called that"};
    auto connector = type->create(
        {textAt(account, "name"), connectorKeys(account), parts_.http, parts_.clock, parts_.egress, true});
    if (!connector) return connector.error();
    return std::shared_ptr<Connector>(std::move(*connector));
}

Result<Json> StoredAccounts::withApp(Id org, Json account) const {
    const Json own = memberAt(account, "oauth");
    const std::string app_of = textAt(own, "app_of");
    if (app_of.empty()) return account;
    for (const char* key : {"provider", "client_id", "client_secret", "authorize_url", "token_url", "scope"})
        if (!textAt(own, key).empty())
            return Error{ErrorKind::Invalid, "oauth." + std::string(key) +
                                                 ": stands in the account that app_of names; leave it out"};
    std::optional<Json> lender = parts_.configured ? parts_.configured(org, app_of) : std::nullopt;
    if (const auto kept = find(org, app_of); !lender && kept && kept->owner == 0) lender = kept->account;
    const Json app = lender ? memberAt(*lender, "oauth") : Json();
    if (textAt(app, "provider").empty())
        return Error{ErrorKind::Invalid,
                     "oauth.app_of: the organization has no account of this name with an OAuth application"};
    account["oauth"] = app;
    account["oauth"]["refresh_token"] = textAt(own, "refresh_token");
    account["oauth"]["app_of"] = "";
    return account;
}

std::vector<StoredAccounts::Loaded> StoredAccounts::load() {
    Rows rows;
    parts_.store.read([&](Reader& reader) { rows = reader.query(kAll); });
    std::vector<Loaded> loaded;
    for (const Row& row : rows) {
        const std::string name = row.text(2);
        const auto secret = parts_.vault.unseal(placeOf(row.integer(1), row.integer(0)), row.text(4));
        const auto opened = secret ? parseJson(secret->reveal()) : Result<Json>(secret.error());
        const auto account = opened ? withApp(row.integer(1), *opened) : opened;
        const auto built = account ? build(*account) : Result<std::shared_ptr<Connector>>(account.error());
        const ConnectorType* type = findConnectorType(row.text(3));
        if (!built || type == nullptr) {
            log::error("stored_account_not_connected",
                       {{"account", name}, {"error", built ? "no such connector" : built.error().message}});
            continue;
        }
        Account known;
        known.org = row.integer(1);
        known.owner = row.integer(6);
        known.name = name;
        known.type = type->name;
        known.channel = type->channel;
        known.region = textAt(*account, "region");
        known.is_send_idempotent = type->is_send_idempotent;
        known.address = ownAddress(connectorKeys(*account));
        loaded.push_back({std::move(known), connectorKeys(*account), row.text(5)});
    }
    return loaded;
}

std::optional<StoredAccounts::Kept> StoredAccounts::find(Id org, const std::string& name) const {
    Rows rows;
    parts_.store.read([&](Reader& reader) { rows = reader.query(kOne, {org, name}); });
    if (rows.empty()) return std::nullopt;
    const auto secret = parts_.vault.unseal(placeOf(org, rows[0].integer(0)), rows[0].text(2));
    const auto account = secret ? parseJson(secret->reveal()) : Result<Json>(secret.error());
    return Kept{rows[0].integer(0), rows[0].text(1), account ? *account : Json::object(), rows[0].integer(3)};
}

Status StoredAccounts::save(Id org, Id account, const Json& value, const std::string& hook,
                            bool is_elsewhere) {
    const std::string sealed = parts_.vault.seal(placeOf(org, account), dumpJson(value));
    return parts_.store.writeAndWait([&](Tx& tx) {
        tx.exec(kSave, {account, org, hook, Blob{sealed}, toMicros(parts_.clock.now())});
        if (is_elsewhere) AccountTokens::forget(tx, org, account);
    });
}

// Which address an account had that was removed; empty: there was none, or it has no address.
std::string removedAddress(Store& store, Id org, const std::string& name) {
    std::string address;
    store.read([&](Reader& reader) {
        for (const Row& row : reader.query("SELECT state_reason FROM accounts WHERE org = $1 AND name = $2"
                                           " AND state = 'removed'",
                                           {org, std::string_view(name)}))
            address = row.text(0);
    });
    return address;
}

// With new keys what was blocked is tried again. An account that is made anew is not off because an earlier
// one of its name was.
Status StoredAccounts::resume(Id id, bool is_new) {
    const auto account = parts_.accounts.byId(id);
    if (!account || parts_.outbox == nullptr) return Done{};
    return parts_.store.writeAndWait([&](Tx& tx) {
        // «removed»: the process died between connecting it again and this.
        if (is_new || readAccountState(tx, id).state != "disabled") parts_.outbox->resume(tx, *account);
    });
}

Status StoredAccounts::create(Id org, const Json& body, Id owner) {
    if (!body.is_object())
        return Error{ErrorKind::Invalid, "body: an object with name, type and the connector's keys"};
    const auto account = config::checkAccount(body, parts_.schemas);
    if (!account) return account.error();
    const auto complete = withApp(org, *account);
    if (!complete) return complete.error();
    if (const auto built = build(*complete); !built) return built.error();
    const std::string name = textAt(*account, "name");
    std::lock_guard lock(mutex_);
    if (parts_.accounts.byName(org, name) || find(org, name))
        return Error{ErrorKind::Conflict, "name: there is an account of that name", {}, "account_exists"};
    const ConnectorType& type = *findConnectorType(textAt(*account, "type"));
    // What is there, and what waits, is of that address.
    const std::string before = removedAddress(parts_.store, org, name), address = ownAddress(*account);
    if (!before.empty() && before != address)
        return Error{
            ErrorKind::Conflict,
            "name: the account of that name was for " + before + "; choose another name for " + address,
            {},
            "account_exists"};
    const Id fresh = parts_.ids.next();
    Id id = 0;
    bool is_other = false;
    const auto written = parts_.store.writeAndWait([&](Tx& tx) {
        is_other = tx.exec(kAccountRow, {fresh, org, name, type.name, type.channel,
                                         toMicros(parts_.clock.now()), owner}) == 0;
        id = tx.query("SELECT id FROM accounts WHERE org = $1 AND name = $2", {org, name}).at(0).integer(0);
        // An earlier account of the name may have been shared.
        if (owner != 0 && !is_other) shutOut(tx, owner, id);
    });
    if (!written) return written;
    if (is_other)
        return Error{ErrorKind::Conflict,
                     "name: somebody else had an account of that name, and what came in there is still his",
                     {},
                     "account_exists"};
    // The row may be that of an earlier account of the name.
    if (auto saved = save(org, id, *account, toBase64Url(randomBytes(24)), true); !saved) return saved;
    if (auto connected = connect_(); !connected) return connected;
    return resume(id, true);
}

Status StoredAccounts::change(Id org, const std::string& name, const Json& patch) {
    if (!patch.is_object()) return Error{ErrorKind::Invalid, "body: an object with the keys that change"};
    std::lock_guard lock(mutex_);
    const auto kept = find(org, name);
    if (!kept) return notStored();
    Json merged = kept->account;
    mergeInto(merged, patch);
    if (textAt(merged, "name") != textAt(kept->account, "name") ||
        textAt(merged, "type") != textAt(kept->account, "type"))
        return Error{ErrorKind::Invalid, "name, type: they stay; make another account instead"};
    const auto account = config::checkAccount(std::move(merged), parts_.schemas);
    if (!account) return account.error();
    const auto is_elsewhere = config::checkDestination(kept->account, *account, patch, parts_.schemas);
    if (!is_elsewhere) return is_elsewhere.error();
    const auto complete = withApp(org, *account);
    if (!complete) return complete.error();
    if (const auto built = build(*complete); !built) return built.error();
    if (auto saved = save(org, kept->id, *account, "", *is_elsewhere); !saved) return saved;
    if (auto connected = connect_(); !connected) return connected;
    return resume(kept->id, false);
}

Status StoredAccounts::remove(Id org, const std::string& name) {
    std::lock_guard lock(mutex_);
    const auto kept = find(org, name);
    if (!kept) return notStored();
    const auto written = parts_.store.writeAndWait([&](Tx& tx) {
        tx.exec("DELETE FROM stored_accounts WHERE org = $1 AND account = $2", {org, kept->id});
        AccountTokens::forget(tx, org, kept->id);
        const auto account = parts_.accounts.byId(kept->id);
        if (account && parts_.outbox != nullptr) parts_.outbox->removed(tx, *account);
    });
    return written ? connect_() : written;
}

std::optional<Id> StoredAccounts::ownerOf(Id org, const std::string& name) const {
    std::optional<Id> owner;
    parts_.store.read([&](Reader& reader) {
        const Rows rows = reader.query(kAnyOne, {org, name});
        if (!rows.empty()) owner = rows[0].integer(1);
    });
    return owner;
}

Status StoredAccounts::setPrivate(Id org, const std::string& name, bool is_private) {
    return handOn(org, name, [&](Tx& tx, Id account, Id owner, std::int64_t now) {
        tx.exec(kSetPrivate, {std::int64_t{is_private ? 1 : 0}, now, account});
        if (is_private) shutOut(tx, owner, account);
    });
}

Status StoredAccounts::takeOver(Id org, const std::string& name) {
    return handOn(org, name, [](Tx& tx, Id account, Id, std::int64_t now) {
        tx.exec(kTakeOver, {now, account});
    });
}

Status StoredAccounts::handOn(Id org, const std::string& name,
                              const std::function<void(Tx&, Id, Id, std::int64_t)>& change) {
    std::lock_guard lock(mutex_);
    bool is_owned = false;
    const auto written = parts_.store.writeAndWait([&](Tx& tx) {
        const Rows rows = tx.query(kAnyOne, {org, name});
        is_owned = !rows.empty() && rows[0].integer(1) != 0;
        if (!is_owned) return;
        const std::int64_t now = toMicros(parts_.clock.now());
        change(tx, rows[0].integer(0), rows[0].integer(1), now);
        tx.exec(kTouch, {now, rows[0].integer(0)});
    });
    if (!written) return written;
    return is_owned ? connect_() : notStored();
}

Status StoredAccounts::test(Id org, const Json& body) const {
    if (!body.is_object())
        return Error{ErrorKind::Invalid, "body: an object with name, type and the connector's keys"};
    const auto account = config::checkAccount(body, parts_.schemas);
    if (!account) return account.error();
    const auto complete = withApp(org, *account);
    if (!complete) return complete.error();
    const auto built = build(*complete);
    return built ? (*built)->check({}) : Status(built.error());
}

std::optional<Json> StoredAccounts::shown(Id org, const std::string& name) const {
    const auto kept = find(org, name);
    if (!kept) return std::nullopt;
    return config::maskAccount(kept->account, parts_.schemas);
}

bool StoredAccounts::follow() {
    std::string now;
    parts_.store.read([&](Reader& reader) {
        const Rows rows = reader.query(
            "SELECT COUNT(*), COALESCE(MAX(changed_at), 0), (SELECT COUNT(*) FROM users"
            " WHERE state = 'active') FROM stored_accounts");
        now = std::to_string(rows.at(0).integer(0)) + ' ' + std::to_string(rows.at(0).integer(1)) + ' ' +
              std::to_string(rows.at(0).integer(2)) + ' ' + std::to_string(allOrganizations(reader).size());
    });
    std::lock_guard lock(mutex_);
    const bool is_changed = !fingerprint_.empty() && now != fingerprint_;
    fingerprint_ = now;
    if (!is_changed) return false;
    if (const auto connected = connect_(); !connected)
        log::error("accounts_not_connected", {{"error", connected.error().message}});
    return true;
}

}  // namespace signalbox

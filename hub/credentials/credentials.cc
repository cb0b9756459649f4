#include "hub/credentials/credentials.h"

#include <algorithm>

namespace signalbox {
namespace {

constexpr std::string_view kSelect =
    "SELECT id, org, name, type, hosts, secrets, revision, changed_by, created_at, changed_at"
    " FROM credentials WHERE org = $1";
constexpr std::string_view kInsert =
    "INSERT INTO credentials (id, org, name, type, hosts, secrets, revision, changed_by, created_at,"
    " changed_at) VALUES ($1, $2, $3, $4, $5, $6, 1, $7, $8, $8) ON CONFLICT (org, name) DO NOTHING";
constexpr std::string_view kUpdate =
    "UPDATE credentials SET hosts = $1, secrets = $2, revision = revision + 1, changed_by = $3,"
    " changed_at = $4 WHERE org = $5 AND id = $6 AND revision = $7";

SealedPlace placeOf(Id org, Id credential) {
    return {org, "credentials", credential, "secrets"};
}

Error missing(const std::string& name) {
    return {ErrorKind::NotFound,
            "credential \"" + name.substr(0, 64) + "\": there is none; make it: POST /api/v1/credentials",
            {},
            "credential_not_found"};
}

Rows rowsOf(Store& store, Id org, const std::string& name) {
    Rows rows;
    store.read([&](Reader& reader) {
        rows = reader.query(std::string(kSelect) + " AND name = $2", {org, name});
    });
    return rows;
}

// Whoever may change a credential does not thereby get to know it: it goes to no new place unless he has it.
bool goesElsewhere(const Credential& old, const Credential& now) {
    const auto isNew = [&](const std::string& host) {
        return std::find(old.hosts.begin(), old.hosts.end(), host) == old.hosts.end();
    };
    return std::any_of(now.hosts.begin(), now.hosts.end(), isNew) ||
           old.text("token_url") != now.text("token_url");
}

bool sharesSecret(const Credential& old, const Credential& now) {
    const auto before = old.secrets(), after = now.secrets();
    return std::any_of(after.begin(), after.end(), [&](const Secret& secret) {
        return std::any_of(before.begin(), before.end(),
                           [&](const Secret& one) { return one.reveal() == secret.reveal(); });
    });
}

Json describe(const Credential& credential, const Row& row) {
    Json out = shownForm(credential);
    out["revision"] = row.integer(6);
    out["changed_by"] = row.text(7);
    out["created_at"] = toRfc3339(fromMicros(row.integer(8)));
    out["changed_at"] = toRfc3339(fromMicros(row.integer(9)));
    return out;
}

}  // namespace

Result<Credential> CredentialStore::open(const Row& row) const {
    Credential credential;
    credential.id = row.integer(0);
    credential.org = row.integer(1);
    credential.name = row.text(2);
    credential.type = row.text(3);
    credential.revision = row.integer(6);
    if (const auto hosts = parseJson(row.text(4)); hosts && hosts->is_array())
        credential.hosts = hosts->get<std::vector<std::string>>();
    const auto secrets = vault_.unseal(placeOf(credential.org, credential.id), row.text(5));
    if (!secrets) return withContext("credential \"" + credential.name + '"', secrets.error());
    auto members = parseJson(secrets->reveal());
    if (!members) return Error{ErrorKind::Invalid, "credential \"" + credential.name + "\": cannot be read"};
    credential.members = std::move(*members);
    return credential;
}

Result<Credential> CredentialStore::find(Id org, const std::string& name) const {
    const Rows rows = rowsOf(store_, org, name);
    if (rows.empty()) return missing(name);
    return open(rows[0]);
}

bool CredentialStore::has(Id org, const std::string& name) const {
    return !rowsOf(store_, org, name).empty();
}

Json CredentialStore::list(Id org) const {
    Rows rows;
    store_.read([&](Reader& reader) {
        rows = reader.query(std::string(kSelect) + " ORDER BY name LIMIT 1000", {org});
    });
    Json items = Json::array();
    for (const Row& row : rows) {
        if (const auto credential = open(row)) items.push_back(describe(*credential, row));
    }
    return items;
}

Result<Json> CredentialStore::shown(Id org, const std::string& name) const {
    const Rows rows = rowsOf(store_, org, name);
    if (rows.empty()) return missing(name);
    const auto credential = open(rows[0]);
    if (!credential) return credential.error();
    return describe(*credential, rows[0]);
}

Status CredentialStore::create(Id org, const Json& form, const std::string& by) {
    const auto credential = readCredential(form);
    if (!credential) return credential.error();
    const Id id = ids_.next();
    const std::string sealed = vault_.seal(placeOf(org, id), dumpJson(credential->members));
    const std::string hosts = dumpJson(credential->hosts);
    bool is_new = false;
    const auto written = store_.writeAndWait([&](Tx& tx) {
        is_new = tx.exec(kInsert, {id, org, credential->name, credential->type, hosts, Blob{sealed}, by,
                                   toMicros(clock_.now())}) == 1;
    });
    if (!written) return written;
    if (is_new) return Done{};
    return Error{ErrorKind::Conflict, "name: there is a credential of that name", {}, "credential_exists"};
}

Status CredentialStore::change(Id org, const std::string& name, const Json& patch, const std::string& by) {
    if (!patch.is_object()) return Error{ErrorKind::Invalid, "body: an object with the members that change"};
    const auto old = find(org, name);
    if (!old) return old.error();
    Json form = old->members;
    form["name"] = old->name;
    form["type"] = old->type;
    form["hosts"] = old->hosts;
    for (const auto& [member, value] : patch.items()) {
        if (value == "***") continue;
        if (value.is_null()) {
            form.erase(member);
        } else {
            form[member] = value;
        }
    }
    const auto credential = readCredential(form);
    if (!credential) return credential.error();
    if (credential->name != old->name || credential->type != old->type)
        return Error{ErrorKind::Invalid, "name, type: they stay; make another credential instead"};
    if (goesElsewhere(*old, *credential) && sharesSecret(*old, *credential))
        return Error{ErrorKind::Invalid,
                     "hosts, token_url: where it may go is wider than before; give its secret again with it"};
    const std::string sealed = vault_.seal(placeOf(org, old->id), dumpJson(credential->members));
    const std::string hosts = dumpJson(credential->hosts);
    std::int64_t changed = 0;
    const auto written = store_.writeAndWait([&](Tx& tx) {
        changed =
            tx.exec(kUpdate, {hosts, Blob{sealed}, by, toMicros(clock_.now()), org, old->id, old->revision});
    });
    if (!written || changed == 1) return written;
    return Error{ErrorKind::Conflict, "somebody else changed it meanwhile; read it again", {}, "conflict"};
}

Status CredentialStore::remove(Id org, const std::string& name) {
    std::int64_t removed = 0;
    const auto written = store_.writeAndWait([&](Tx& tx) {
        removed = tx.exec("DELETE FROM credentials WHERE org = $1 AND name = $2", {org, name});
    });
    if (!written || removed == 1) return written;
    return missing(name);
}

}  // namespace signalbox

#include "hub/access/roles.h"

#include <algorithm>

namespace signalbox {
namespace {

// Reading that is for those who run the place: not part of "*:read".
const std::vector<std::string> kAdminReads = {"tokens:read",  "quarantine:read",  "audit:read",
                                              "roles:read",   "credentials:read", "sessions:read",
                                              "webhooks:read"};

const std::vector<std::string> kAgent = {"*:read",
                                         "messages:*",
                                         "conversations:*",
                                         "people:*",
                                         "files:*",
                                         "templates:*",
                                         "tags:*",
                                         "notes:*",
                                         "tickets:*",
                                         "tasks:*",
                                         "drafts:*",
                                         "channels:*",
                                         "objects:*",
                                         "search:*",
                                         "presence:*",
                                         "runs:manage",
                                         "runs:answer",
                                         "workflows:run",
                                         "dead_letters:manage",
                                         "leads:*",
                                         "tasks:*",
                                         "work:*",
                                         "calendar:*",
                                         "calls:*",
                                         "exports:*",
                                         "links:*",
                                         "scheduled:*",
                                         "accounts:own"};
const std::vector<std::string> kCrew = {
    "conversations:read", "conversations:reply", "messages:read", "messages:send", "messages:react",
    "files:read",         "files:write",         "search:read",   "feed:read",     "channels:read",
    "tags:read",          "presence:write",      "calendar:read", "objects:read"};
const std::vector<std::string> kCustomer = {
    "conversations:read", "conversations:reply", "messages:read", "files:read",
    "files:write",        "search:read",         "exports:read",  "feed:read"};

RoleRef builtIn(const char* name, Sees sees, std::vector<std::string> allow,
                std::vector<std::string> deny = {}) {
    return std::make_shared<const Role>(Role{name, sees, std::move(allow), std::move(deny), true});
}

bool matches(std::string_view pattern, std::string_view right) {
    if (pattern == "*" || pattern == right) return true;
    if (pattern.starts_with("*:")) return right.ends_with(pattern.substr(1));
    return pattern.ends_with(":*") && right.starts_with(pattern.substr(0, pattern.size() - 1));
}

bool matchesAny(const std::vector<std::string>& patterns, std::string_view right) {
    return std::any_of(patterns.begin(), patterns.end(),
                       [&](const std::string& pattern) { return matches(pattern, right); });
}

RoleRef findBuiltIn(std::string_view name) {
    for (const RoleRef& role : builtInRoles())
        if (role->name == name) return role;
    return nullptr;
}

std::vector<std::string> textsFrom(const std::string& text) {
    const auto json = parseJson(text);
    return json && json->is_array() ? json->get<std::vector<std::string>>() : std::vector<std::string>{};
}

}  // namespace

const char* toString(Sees sees) {
    switch (sees) {
        case Sees::Everything:
            return "everything";
        case Sees::Assigned:
            return "assigned";
        case Sees::Own:
            return "own";
    }
    return "own";
}

std::optional<Sees> parseSees(std::string_view word) {
    for (const auto sees : {Sees::Everything, Sees::Assigned, Sees::Own})
        if (word == toString(sees)) return sees;
    return std::nullopt;
}

bool Role::allows(std::string_view right) const {
    if (right.starts_with("self:")) return true;
    return matchesAny(allow, right) && !matchesAny(deny, right);
}

bool covers(const Role& mine, const Role& other, std::span<const std::string> rights) {
    if (other.sees < mine.sees) return false;
    return std::all_of(rights.begin(), rights.end(),
                       [&](const std::string& right) { return mine.allows(right) || !other.allows(right); });
}

const std::vector<RoleRef>& builtInRoles() {
    static const std::vector<RoleRef> roles = {builtIn("admin", Sees::Everything, {"*"}),
                                               builtIn("agent", Sees::Everything, kAgent, kAdminReads),
                                               builtIn("crew", Sees::Assigned, kCrew),
                                               builtIn("subcontractor", Sees::Assigned, kCrew),
                                               builtIn("customer", Sees::Own, kCustomer),
                                               builtIn("viewer", Sees::Everything, {"*:read"}, kAdminReads)};
    return roles;
}

RoleRef Roles::find(Id org, std::string_view name) const {
    if (auto role = findBuiltIn(name)) return role;
    std::lock_guard lock(mutex_);
    const auto it = own_.find(std::pair(org, std::string(name)));
    return it == own_.end() ? nullptr : it->second;
}

std::vector<RoleRef> Roles::all(Id org) const {
    std::vector<RoleRef> roles = builtInRoles();
    std::lock_guard lock(mutex_);
    for (const auto& [key, role] : own_)
        if (key.first == org) roles.push_back(role);
    return roles;
}

void Roles::refresh() {
    std::map<std::pair<Id, std::string>, RoleRef, std::less<>> own;
    store_.read([&](Reader& reader) {
        for (const Row& row : reader.query("SELECT org, name, sees, rights FROM roles")) {
            auto role = std::make_shared<const Role>(Role{
                row.text(1), parseSees(row.text(2)).value_or(Sees::Own), textsFrom(row.text(3)), {}, false});
            own.emplace(std::pair(row.integer(0), row.text(1)), std::move(role));
        }
    });
    std::lock_guard lock(mutex_);
    own_ = std::move(own);
}

Status Roles::save(Id org, Role role) {
    if (findBuiltIn(role.name))
        return Error{ErrorKind::Conflict, "the role " + role.name + " is built in; choose another name"};
    const std::string rights = dumpJson(Json(role.allow));
    const auto written = store_.writeAndWait([&](Tx& tx) {
        tx.exec(
            "INSERT INTO roles (org, name, sees, rights, created_at) VALUES ($1, $2, $3, $4, $5)"
            " ON CONFLICT (org, name) DO UPDATE SET sees = $3, rights = $4",
            {org, role.name, std::string_view(toString(role.sees)), rights, toMicros(clock_.now())});
    });
    if (!written) return written;
    std::pair key(org, role.name);  // before the role moves away
    std::lock_guard lock(mutex_);
    own_.insert_or_assign(std::move(key), std::make_shared<const Role>(std::move(role)));
    return Done{};
}

Status Roles::remove(Id org, const std::string& name) {
    if (findBuiltIn(name)) return Error{ErrorKind::Conflict, "the role " + name + " is built in"};
    bool is_used = false;
    std::int64_t changed = 0;
    const auto written = store_.writeAndWait([&](Tx& tx) {
        is_used = !tx.query("SELECT 1 FROM users WHERE org = $1 AND role = $2 LIMIT 1", {org, name}).empty();
        changed = is_used ? 0 : tx.exec("DELETE FROM roles WHERE org = $1 AND name = $2", {org, name});
    });
    if (!written) return written;
    if (is_used)
        return Error{ErrorKind::Conflict, "the role " + name + " has users; give them another first"};
    if (changed == 0) return Error{ErrorKind::NotFound, "no such role"};
    std::lock_guard lock(mutex_);
    own_.erase(std::pair(org, name));
    return Done{};
}

}  // namespace signalbox

#include "daemon/api/user_api.h"

#include "daemon/api/inbox_parts.h"
#include "hub/access/giving.h"

namespace signalbox::api {
namespace {

Error lastAdmin() {
    return {ErrorKind::Conflict, "the organization would be left without an active admin", {}, "last_admin"};
}

// Whose rights are compared: a token's are those of its role within its scopes.
std::string callerWord(const Caller& caller) {
    return caller.scopes.empty() ? "you" : "this token, whose scopes count";
}

HttpResponse userAnswer(const User& user, int status) {
    return withRevision(reply(status, userJson(user)), user.revision);
}

HttpResponse postUser(Call& call, const Router& router, const UserParts& parts) {
    Body body(call.body, {"email", "name", "role", "person_id", "password"});
    const auto email = normalizeEmail(body.requiredText("email"));
    if (!email) body.fault("email", "not an e-mail address");
    const std::string role_name = body.requiredText("role", 100), name = body.text("name");
    const Secret password(body.text("password"));
    if (!body.status()) return refuse(body.status().error());
    const auto role = roleToGive(call, router, parts.roles, role_name);
    if (!role) return refuse(role.error());
    const auto person = readPerson(call.body);
    if (!person) return refuse(person.error());
    if (auto checked = checkNewPassword(password, *email); !checked) return refuse(checked.error());
    const auto encoded = parts.passwords.hash(password);
    if (!encoded) return refuse(encoded.error());
    const User user{parts.ids.next(), call.caller.org, *email, name.substr(0, 200),
                    (*role)->name,    *person,         true,   *encoded};
    bool is_new = false, has_person = true;
    const auto written = parts.store.writeAndWait([&](Tx& tx) {
        has_person = user.person == 0 || isPersonOf(tx, user.org, user.person);
        is_new = has_person && insertUser(tx, user, parts.clock.now());
    });
    if (!written) return refuse(written.error());
    if (!has_person) return refuse({ErrorKind::Invalid, "person_id: no such person"});
    if (!is_new)
        return refuse(
            {ErrorKind::Conflict, "the organization has a user of that address already", {}, "user_exists"});
    return userAnswer(user, 201);
}

std::optional<User> readUser(const Call& call, Store& store) {
    const auto id = readId(call, kUserId);
    std::optional<User> user;
    if (id) store.read([&](Reader& reader) { user = findUser(reader, call.caller.org, *id); });
    return user;
}

// What a PATCH changes in `user`.
Status applyChange(const Call& call, const Router& router, const UserParts& parts, User& user) {
    for (const auto& [name, value] : call.body.items()) {
        if (name == "name" && value.is_string()) {
            user.name = value.get<std::string>().substr(0, 200);
        } else if (name == "role" && value.is_string()) {
            const auto role = roleToGive(call, router, parts.roles, value.get<std::string>());
            if (!role) return role.error();
            user.role = (*role)->name;
        } else if (name == "state" && (value == "active" || value == "disabled")) {
            user.is_active = value == "active";
        } else if (name == "person_id") {
            const auto person = readPerson(call.body);
            if (!person) return person.error();
            user.person = *person;
        } else {
            return Error{ErrorKind::Invalid,
                         name + ": a change takes name, role, state (active, disabled) or person_id"};
        }
    }
    return Done{};
}

HttpResponse patchUser(Call& call, const Router& router, const UserParts& parts) {
    const auto before = readUser(call, parts.store);
    if (!before) return notFound("user");
    if (!call.body.is_object()) return refuse({ErrorKind::Invalid, "body: an object with what changes"});
    if (auto may = checkMayChange(call, router, parts.roles, *before); !may) return refuse(may.error());
    const auto edit = editOf(call);
    if (!edit) return refuse(edit.error());
    if (auto same = edit->check(before->revision); !same) return refuseEdit(same.error());
    User user = *before;
    if (auto applied = applyChange(call, router, parts, user); !applied) return refuse(applied.error());
    const bool ends_sessions = user.role != before->role || !user.is_active || user.person != before->person;
    bool is_last = false, has_person = true, is_same = true;
    const auto written = parts.store.writeAndWait([&](Tx& tx) {
        has_person = user.person == 0 || isPersonOf(tx, user.org, user.person);
        const bool was_admin = before->role == "admin" && before->is_active;
        const bool is_admin = user.role == "admin" && user.is_active;
        is_last = was_admin && !is_admin && countAdmins(tx, user.org) <= 1;
        if (is_last || !has_person) return;
        is_same = updateUser(tx, user, parts.clock.now());
        if (is_same && ends_sessions) Sessions::endAll(tx, user.org, user.id, 0);
    });
    if (!written) return refuse(written.error());
    if (!has_person) return refuse({ErrorKind::Invalid, "person_id: no such person"});
    if (is_last) return refuse(lastAdmin());
    if (!is_same && !edit->revision) return patchUser(call, router, parts);  // on what it is now
    if (!is_same) return refuseEdit(edit->check(before->revision + 1).error());
    if (ends_sessions) parts.sessions.forget(user.id, 0);
    ++user.revision;
    return userAnswer(user, 200);
}

HttpResponse getUsers(Call& call, const UserParts& parts) {
    Json items;
    parts.store.read([&](Reader& reader) { items = listUsers(reader, call.caller.org); });
    return ok({{"items", items}, {"next", nullptr}});
}

HttpResponse endSessions(Call& call, const Router& router, const UserParts& parts) {
    const auto user = readUser(call, parts.store);
    if (!user) return notFound("user");
    if (auto may = checkMayChange(call, router, parts.roles, *user); !may) return refuse(may.error());
    const auto written =
        parts.store.writeAndWait([&](Tx& tx) { Sessions::endAll(tx, user->org, user->id, 0); });
    if (!written) return refuse(written.error());
    parts.sessions.forget(user->id, 0);
    return {204, {}, ""};
}

}  // namespace

Result<RoleRef> roleToGive(const Call& call, const Router& router, const Roles& roles,
                           const std::string& name) {
    const RoleRef role = roles.find(call.caller.org, name);
    if (role == nullptr) return Error{ErrorKind::Invalid, "role: there is no such role (GET /api/v1/roles)"};
    if (!mayGive(call.caller, *role, {}, router.rights()))
        return Error{ErrorKind::Forbidden,
                     "role: it may do more than " + callerWord(call.caller),
                     {},
                     "right_missing"};
    return role;
}

Status checkMayChange(const Call& call, const Router& router, const Roles& roles, const User& user) {
    const RoleRef role = roles.find(user.org, user.role);
    if (role == nullptr || mayGive(call.caller, *role, {}, router.rights())) return Done{};
    return Error{
        ErrorKind::Forbidden, "this user may do more than " + callerWord(call.caller), {}, "right_missing"};
}

Result<Id> readPerson(const Json& body) {
    const Json& value = memberAt(body, "person_id");
    if (value.is_null()) return Id{0};
    const auto id = parseId(kPersonId, value.is_string() ? value.get<std::string>() : "");
    if (!id) return Error{ErrorKind::Invalid, "person_id: an id per_… or null"};
    return *id;
}

void addUserRoutes(Router& router, const UserParts& parts) {
    router.add({"GET", "/api/v1/users", "users:read", [parts](Call& call) { return getUsers(call, parts); }});
    router.add({"POST", "/api/v1/users", "users:manage",
                [parts, &router](Call& call) { return postUser(call, router, parts); }});
    router.add({"GET", "/api/v1/users/{id}", "users:read", [parts](Call& call) {
                    const auto user = readUser(call, parts.store);
                    return user ? userAnswer(*user, 200) : notFound("user");
                }});
    router.add({"PATCH", "/api/v1/users/{id}", "users:manage",
                [parts, &router](Call& call) { return patchUser(call, router, parts); }});
    router.add({"DELETE", "/api/v1/users/{id}/sessions", "users:manage",
                [parts, &router](Call& call) { return endSessions(call, router, parts); }});
}

}  // namespace signalbox::api

#include "daemon/api/body.h"
#include "daemon/api/role_api.h"
#include "hub/access/grants.h"
#include "hub/access/users.h"
#include "hub/access/visibility.h"

namespace signalbox::api {
namespace {

// What the grant is on: nobody gives away what he does not see himself.
Result<Id> readObject(const Call& call, Store& store, const std::string& text) {
    const auto id = parseId(kConversationId, text);
    if (!id) return Error{ErrorKind::Invalid, "object: the id of a conversation (cnv_…)"};
    bool is_there = false;
    store.read([&](Reader& reader) { is_there = Visibility(call.caller).mayShare(reader, *id); });
    if (!is_there) return Error{ErrorKind::NotFound, "no such conversation"};
    return *id;
}

bool isPrivate(Store& store, Id conversation) {
    bool is_private = false;
    store.read([&](Reader& reader) {
        is_private = !reader
                          .query(
                              "SELECT 1 FROM conversations c JOIN accounts a ON a.id = c.account"
                              " WHERE c.id = $1 AND a.private_to <> 0",
                              {conversation})
                          .empty();
    });
    return is_private;
}

Result<Grant> readGrant(const Call& call, Store& store, const Roles& roles, const Json& from) {
    Grant grant;
    const std::string subject = textAt(from, "subject");
    const auto object = readObject(call, store, textAt(from, "object"));
    if (!object) return object.error();
    grant.object_kind = "conversation";
    grant.object = *object;
    grant.verb = textAt(from, "verb", "read");
    if (grant.verb != "read" && grant.verb != "write")
        return Error{ErrorKind::Invalid, "verb: read or write"};
    bool is_there = false;
    if (const auto user = parseId(kUserId, subject)) {
        grant.subject_kind = "user";
        grant.subject = std::to_string(*user);
        store.read([&](Reader& reader) { is_there = findUser(reader, call.caller.org, *user).has_value(); });
    } else if (const auto team = parseId(kTeamId, subject)) {
        grant.subject_kind = "team";
        grant.subject = std::to_string(*team);
        store.read([&](Reader& reader) {
            is_there =
                !reader.query("SELECT 1 FROM teams WHERE org = $1 AND id = $2", {call.caller.org, *team})
                     .empty();
        });
    } else {
        grant.subject_kind = "role";
        grant.subject = subject;
        is_there = roles.find(call.caller.org, subject) != nullptr;
    }
    if (!is_there)
        return Error{ErrorKind::Invalid, "subject: a user (usr_…), a team (tea_…) or the name of a role"};
    if (grant.subject_kind != "user" && isPrivate(store, *object))
        return Error{ErrorKind::Invalid,
                     "subject: a conversation of a private mailbox is shown to users, not to teams or roles",
                     {},
                     "account_private"};
    return grant;
}

HttpResponse getGrants(Call& call, Store& store) {
    const auto object = readObject(call, store, call.queryText("object"));
    if (!object) return refuse(object.error());
    Json items;
    store.read([&](Reader& reader) { items = listGrants(reader, call.caller.org, "conversation", *object); });
    return ok({{"items", items}, {"next", nullptr}});
}

HttpResponse postGrant(Call& call, Store& store, const Roles& roles, const Clock& clock) {
    Body body(call.body, {"subject", "object", "verb"});
    body.requiredText("subject");
    body.requiredText("object");
    body.word("verb", {"read", "write"});
    if (!body.status()) return refuse(body.status().error());
    const auto grant = readGrant(call, store, roles, call.body);
    if (!grant) return refuse(grant.error());
    const auto written = store.writeAndWait(
        [&](Tx& tx) { giveGrant(tx, call.caller.org, *grant, call.caller.user, clock.now()); });
    if (!written) return refuse(written.error());
    return reply(201, {{"subject", textAt(call.body, "subject")},
                       {"object", textAt(call.body, "object")},
                       {"verb", grant->verb}});
}

HttpResponse deleteGrant(Call& call, Store& store, const Roles& roles) {
    const Json from = {{"subject", call.queryText("subject")},
                       {"object", call.queryText("object")},
                       {"verb", call.queryText("verb").empty() ? "read" : call.queryText("verb")}};
    const auto grant = readGrant(call, store, roles, from);
    if (!grant) return refuse(grant.error());
    bool was_there = false;
    const auto written =
        store.writeAndWait([&](Tx& tx) { was_there = takeGrant(tx, call.caller.org, *grant); });
    if (!written) return refuse(written.error());
    return was_there ? HttpResponse{204, {}, ""} : notFound("grant");
}

}  // namespace

void addGrantRoutes(Router& router, Store& store, const Roles& roles, const Clock& clock) {
    router.add(
        {"GET", "/api/v1/grants", "grants:read", [&store](Call& call) { return getGrants(call, store); }});
    router.add({"POST", "/api/v1/grants", "grants:manage",
                [&](Call& call) { return postGrant(call, store, roles, clock); }});
    router.add({"DELETE", "/api/v1/grants", "grants:manage",
                [&](Call& call) { return deleteGrant(call, store, roles); }});
}

}  // namespace signalbox::api

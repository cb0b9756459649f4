#include "daemon/api/credential_api.h"

#include "daemon/api/inbox_parts.h"

namespace signalbox::api {
namespace {

HttpResponse show(const Call& call, const CredentialStore& credentials, const std::string& name, int status) {
    const auto found = credentials.shown(call.caller.org, name);
    return found ? reply(status, *found) : refuse(found.error());
}

HttpResponse postCredential(Call& call, CredentialStore& credentials) {
    const auto created = credentials.create(call.caller.org, call.body, actorOf(call.caller).name);
    if (!created) return refuse(created.error());
    return show(call, credentials, textAt(call.body, "name"), 201);
}

HttpResponse patchCredential(Call& call, CredentialStore& credentials) {
    const std::string& name = call.capture("name");
    const auto changed = credentials.change(call.caller.org, name, call.body, actorOf(call.caller).name);
    return changed ? show(call, credentials, name, 200) : refuse(changed.error());
}

HttpResponse deleteCredential(Call& call, CredentialStore& credentials) {
    const auto removed = credentials.remove(call.caller.org, call.capture("name"));
    return removed ? HttpResponse{204, {}, ""} : refuse(removed.error());
}

}  // namespace

void addCredentialRoutes(Router& router, CredentialStore& credentials) {
    router.add({"GET", "/api/v1/credentials", "credentials:read", [&](Call& call) {
                    return ok({{"items", credentials.list(call.caller.org)}, {"next", nullptr}});
                }});
    router.add({"POST", "/api/v1/credentials", "credentials:write",
                [&](Call& call) { return postCredential(call, credentials); }});
    const std::string one = "/api/v1/credentials/{name}";
    router.add({"GET", one, "credentials:read",
                [&](Call& call) { return show(call, credentials, call.capture("name"), 200); }});
    router.add(
        {"PATCH", one, "credentials:write", [&](Call& call) { return patchCredential(call, credentials); }});
    router.add({"DELETE", one, "credentials:write",
                [&](Call& call) { return deleteCredential(call, credentials); }});
}

}  // namespace signalbox::api

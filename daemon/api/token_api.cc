#include "daemon/api/token_api.h"

#include "daemon/api/body.h"
#include "hub/access/giving.h"

namespace signalbox::api {
namespace {

struct TokenRequest {
    std::string name;
    RoleRef role;
    std::vector<std::string> scopes;
    std::optional<TimePoint> expires_at;
};

// A misspelt member or scope would give more than was meant, or for longer: it is refused.
Result<TokenRequest> readTokenRequest(const Json& json, const Roles& roles, Id org) {
    Body body(json, {"name", "role", "scopes", "expires_at"});
    TokenRequest request;
    request.name = body.requiredText("name", 100);
    const std::string role = body.requiredText("role", 100);
    request.scopes = body.texts("scopes", 500);
    if (!body.isNull("expires_at") && body.has("expires_at") && body.text("expires_at").empty())
        body.fault("expires_at", "must be a time like 2027-01-31T00:00:00Z, or null");
    request.expires_at = body.time("expires_at");
    if (!body.status()) return body.status().error();
    request.role = roles.find(org, role);
    if (request.role == nullptr || request.role->sees != Sees::Everything)
        return Error{ErrorKind::Invalid,
                     "role: admin, agent, viewer or one of your own that sees everything"};
    return request;
}

HttpResponse postToken(Call& call, Tokens& tokens, const Roles& roles, const Router& router) {
    const auto request = readTokenRequest(call.body, roles, call.caller.org);
    if (!request) return refuse(request.error());
    if (!mayGive(call.caller, *request->role, request->scopes, router.rights())) {
        return refuse({ErrorKind::Forbidden,
                       "role, scopes: more than you have; a token with scopes can only make tokens with some "
                       "of its own",
                       {},
                       "right_missing"});
    }
    const auto rights = router.rights();
    for (const std::string& scope : request->scopes) {
        if (std::find(rights.begin(), rights.end(), scope) == rights.end())
            return refuse(
                {ErrorKind::Invalid,
                 "scopes: " + scope.substr(0, 50) + " is no right; each is an x-right of the description",
                 {},
                 "invalid_request"});
    }
    const auto created =
        tokens.create(call.caller.org, request->name, request->role, request->scopes, request->expires_at);
    if (!created) return refuse(created.error());
    return reply(201,
                 {{"id", idText(kTokenId, created->id)},
                  {"name", request->name},
                  {"role", request->role->name},
                  {"scopes", request->scopes},
                  {"expires_at", request->expires_at ? Json(toRfc3339(*request->expires_at)) : Json(nullptr)},
                  {"token", created->text.reveal()}});
}

HttpResponse deleteToken(Call& call, Tokens& tokens) {
    const auto id = readId(call, kTokenId);
    if (!id) return notFound("token");
    const auto revoked = tokens.revoke(call.caller.org, *id);
    if (!revoked) return refuse(revoked.error());
    return {204, {}, ""};
}

}  // namespace

void addTokenRoutes(Router& router, Tokens& tokens, const Roles& roles) {
    router.add({"GET", "/api/v1/tokens", "tokens:read", [&](Call& call) {
                    return ok({{"items", tokens.list(call.caller.org)}, {"next", nullptr}});
                }});
    router.add({"POST", "/api/v1/tokens", "tokens:manage",
                [&](Call& call) { return postToken(call, tokens, roles, router); }, true});
    router.add({"DELETE", "/api/v1/tokens/{id}", "tokens:manage",
                [&](Call& call) { return deleteToken(call, tokens); }});
}

}  // namespace signalbox::api

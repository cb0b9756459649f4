#include "daemon/api/token_api.h"

#include "hub/access/giving.h"

namespace signalbox::api {
namespace {

struct TokenRequest {
    std::string name;
    RoleRef role;
    std::vector<std::string> scopes;
    std::optional<TimePoint> expires_at;
};

Result<TokenRequest> readTokenRequest(const Json& body, const Roles& roles, Id org) {
    TokenRequest request;
    request.name = textAt(body, "name");
    if (request.name.empty() || request.name.size() > 100) {
        return Error{ErrorKind::Invalid, "name: say what the token is for, at most 100 characters"};
    }
    request.role = roles.find(org, textAt(body, "role"));
    if (request.role == nullptr || request.role->sees != Sees::Everything)
        return Error{ErrorKind::Invalid,
                     "role: admin, agent, viewer or one of your own that sees everything"};
    const Json& scopes = memberAt(body, "scopes");
    if (!scopes.is_null() && !scopes.is_array()) return Error{ErrorKind::Invalid, "scopes: a list of rights"};
    for (const Json& scope : scopes) {
        if (!scope.is_string()) return Error{ErrorKind::Invalid, "scopes: a list of rights"};
        request.scopes.push_back(scope);
    }
    const Json& expires = memberAt(body, "expires_at");
    if (expires.is_null()) return request;
    request.expires_at = parseRfc3339(expires.is_string() ? expires.get<std::string>() : "");
    if (!request.expires_at)
        return Error{ErrorKind::Invalid, "expires_at: a time as in 2027-01-31T00:00:00Z"};
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

#include "daemon/api/session_api.h"

#include "daemon/api/body.h"
#include "hub/access/organizations.h"

namespace signalbox::api {
namespace {

std::string setCookie(std::string_view value, std::chrono::seconds lifetime) {
    return std::string(kSessionCookie) + '=' + std::string(value) +
           "; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=" + std::to_string(lifetime.count());
}

HttpResponse postSession(Call& call, const SessionParts& parts) {
    Body body(call.body, {"org", "email", "password", "totp", "cookie"});
    const bool as_cookie = body.flag("cookie").value_or(false);
    const Credentials credentials{body.requiredText("org"),
                                  body.requiredText("email"),
                                  Secret(body.requiredText("password", 1'024)),
                                  body.text("totp"),
                                  call.request.remote_address,
                                  std::string(call.request.headers.get("user-agent"))};
    if (!body.status()) return refuse(body.status().error());
    const auto done = parts.sign_in.withPassword(credentials);
    // For the audit log: in which organization it was tried.
    parts.store.read(
        [&](Reader& reader) { call.caller.org = findOrganization(reader, credentials.org).value_or(0); });
    if (!done) return refuse(done.error());
    call.caller.user = done->user.id;
    call.caller.token = done->session.id;
    return signedIn(*done, as_cookie);
}

HttpResponse getSessions(Call& call, const SessionParts& parts) {
    return ok({{"items", parts.sessions.list(call.caller.org, call.caller.user, call.caller.token)},
               {"next", nullptr}});
}

HttpResponse endSession(Call& call, const SessionParts& parts, Id session) {
    const auto revoked = parts.sessions.revoke(call.caller.org, call.caller.user, session);
    if (!revoked) return refuse(revoked.error());
    HttpResponse response{204, {}, ""};
    if (session == call.caller.token)
        response.headers.add("set-cookie", setCookie("", std::chrono::seconds(0)));
    return response;
}

HttpResponse deleteCurrent(Call& call, const SessionParts& parts) {
    if (!call.caller.isSession())
        return problem(409, "not_a_session", "an API token is revoked with DELETE /api/v1/tokens/{id}");
    return endSession(call, parts, call.caller.token);
}

HttpResponse deleteSession(Call& call, const SessionParts& parts) {
    const auto id = readId(call, kSessionId);
    return id ? endSession(call, parts, *id) : notFound("session");
}

HttpResponse getMe(Call& call, const Router& router, const SessionParts& parts) {
    const Caller& caller = call.caller;
    Json out = {{"organization", {{"id", idText(kOrgId, caller.org)}}},
                {"role", caller.role->name},
                {"sees", toString(caller.role->sees)},
                {"rights", Json::array()},
                {"user", nullptr}};
    for (const std::string& right : router.rights())
        if (caller.may(right)) out["rights"].push_back(right);
    parts.store.read([&](Reader& reader) {
        out["organization"]["name"] = organizationName(reader, caller.org);
        const auto user = caller.user != 0 ? findUser(reader, caller.org, caller.user) : std::nullopt;
        if (user) out["user"] = userJson(*user);
    });
    return ok(out);
}

HttpResponse postPassword(Call& call, const SessionParts& parts) {
    if (!call.caller.isSession())
        return problem(409, "not_a_session", "an API token has no password; sign in first");
    Body body(call.body, {"old_password", "new_password"});
    const Secret old_password(body.requiredText("old_password")), password(body.requiredText("new_password"));
    if (!body.status()) return refuse(body.status().error());
    const auto changed =
        parts.sign_in.changePassword(call.caller, old_password, password, call.request.remote_address);
    if (!changed) return refuse(changed.error());
    return {204, {}, ""};
}

}  // namespace

HttpResponse signedIn(const SignedIn& done, bool as_cookie) {
    Json out = {{"id", idText(kSessionId, done.session.id)},
                {"ends_at", toRfc3339(done.session.ends_at)},
                {"user", userJson(done.user)}};
    const std::string& token = done.session.text.reveal();
    if (!as_cookie) {
        out["token"] = token;
        return reply(201, out);
    }
    out["csrf_token"] = csrfTokenFor(token);
    HttpResponse response = reply(201, out);
    response.headers.add("set-cookie", setCookie(token, std::chrono::hours(24 * 7)));
    response.headers.add("cache-control", "no-store");
    return response;
}

void addSessionRoutes(Router& router, const SessionParts& parts) {
    router.add({"POST", "/api/v1/sessions", std::string(kPublic),
                [parts](Call& call) { return postSession(call, parts); }, true});
    router.add(
        {"GET", "/api/v1/sessions", "self:read", [parts](Call& call) { return getSessions(call, parts); }});
    router.add({"DELETE", "/api/v1/sessions/current", "self:manage",
                [parts](Call& call) { return deleteCurrent(call, parts); }});
    router.add({"DELETE", "/api/v1/sessions/{id}", "self:manage",
                [parts](Call& call) { return deleteSession(call, parts); }});
    router.add({"GET", "/api/v1/me", "self:read",
                [parts, &router](Call& call) { return getMe(call, router, parts); }});
    router.add({"POST", "/api/v1/me/password", "self:manage",
                [parts](Call& call) { return postPassword(call, parts); }, true});
}

}  // namespace signalbox::api

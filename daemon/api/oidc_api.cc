#include "daemon/api/oidc_api.h"

#include "base/crypto.h"
#include "daemon/api/cookies.h"
#include "daemon/api/session_api.h"
#include "hub/access/organizations.h"

namespace signalbox::api {
namespace {

// Binds the answer to the browser that began: nobody is signed in as somebody else by a link.
constexpr std::string_view kStateCookie = "__Host-signalbox-oidc";

HttpResponse off() {
    return problem(404, "not_found", "no OpenID provider is configured (oidc.issuer)");
}

HttpResponse getStart(const OidcParts& parts) {
    if (!parts.oidc.options().isOn()) return off();
    const auto begun = parts.oidc.begin();
    if (!begun) return refuse(begun.error());
    HttpResponse response{302, {{"location", begun->url}, {"cache-control", "no-store"}}, ""};
    response.headers.add("set-cookie", std::string(kStateCookie) + '=' + begun->state +
                                           "; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=600");
    return response;
}

// The user of that subject; a user of the verified address becomes it the first time.
Result<User> userOf(const OidcParts& parts, Id org, const OidcIdentity& identity) {
    const std::string subject = parts.oidc.options().issuer + ' ' + identity.subject;
    const auto email = identity.is_email_verified ? normalizeEmail(identity.email) : std::nullopt;
    std::optional<User> user;
    const auto written = parts.store.writeAndWait([&](Tx& tx) {
        user = findUserBySubject(tx, org, subject);
        if (user || !email) return;
        user = findUser(tx, org, *email);
        if (user && !linkSubject(tx, org, user->id, subject, parts.clock.now())) user.reset();
    });
    if (!written) return written.error();
    if (!user || !user->is_active)
        return Error{ErrorKind::Forbidden,
                     "oidc: the organization has no user of that verified address",
                     {},
                     "oidc_refused"};
    return std::move(*user);
}

HttpResponse getCallback(Call& call, const OidcParts& parts) {
    if (!parts.oidc.options().isOn()) return off();
    const std::string state = call.queryText("state"), code = call.queryText("code");
    if (!equalInConstantTime(cookieOf(call.request, kStateCookie), state) || state.empty() || code.empty())
        return refuse({ErrorKind::Unauthorized,
                       "oidc: this sign-in was not begun by this browser, or was refused",
                       {},
                       "oidc_refused"});
    const auto identity = parts.oidc.finish(state, code);
    if (!identity) return refuse(identity.error());
    Id org = 0;
    parts.store.read([&](Reader& reader) {
        org = findOrganization(reader, parts.oidc.options().organization).value_or(0);
    });
    call.caller.org = org;
    const auto user = userOf(parts, org, *identity);
    if (!user) return refuse(user.error());
    const auto session = parts.sessions.create(*user, call.request.remote_address,
                                               std::string(call.request.headers.get("user-agent")));
    if (!session) return refuse(session.error());
    call.caller.user = user->id;
    call.caller.token = session->id;
    const bool is_page = call.request.headers.get("accept").find("text/html") != std::string_view::npos;
    HttpResponse response = signedIn({*user, *session}, is_page);
    if (is_page) {
        response.status = 303;
        response.headers.add("location", "/");
    }
    return response;
}

}  // namespace

void addOidcRoutes(Router& router, const OidcParts& parts) {
    router.add(
        {"GET", "/api/v1/oidc/start", std::string(kPublic), [parts](Call&) { return getStart(parts); }});
    router.add({"GET", "/api/v1/oidc/callback", std::string(kPublic),
                [parts](Call& call) { return getCallback(call, parts); }});
}

}  // namespace signalbox::api

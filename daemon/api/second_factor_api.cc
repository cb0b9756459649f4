#include "daemon/api/second_factor_api.h"

#include "daemon/api/body.h"

namespace signalbox::api {
namespace {

// Codes are guessed no faster than passwords.
template <class Try>
auto guarded(Call& call, const SecondFactorParts& parts, Try attempt) -> decltype(attempt()) {
    const std::string account = "totp\n" + std::to_string(call.caller.user);
    if (const auto wait = parts.guard.mustWait(account, call.request.remote_address))
        return Error{ErrorKind::Throttled, "too many attempts; wait before the next", wait, "login_locked"};
    auto done = attempt();
    if (!done && done.error().code == "credentials_invalid")
        parts.guard.failed(account, call.request.remote_address);
    return done;
}

HttpResponse needsSession() {
    return problem(409, "not_a_session", "an API token has no second factor; sign in first");
}

// A privilege has changed: whoever else is signed in as this user signs in again.
Status endOthers(const Call& call, const SecondFactorParts& parts) {
    const auto written = parts.store.writeAndWait(
        [&](Tx& tx) { Sessions::endAll(tx, call.caller.org, call.caller.user, call.caller.token); });
    if (written) parts.sessions.forget(call.caller.user, call.caller.token);
    return written;
}

HttpResponse enrol(Call& call, const SecondFactorParts& parts) {
    if (!call.caller.isSession()) return needsSession();
    std::optional<User> user;
    parts.store.read([&](Reader& reader) { user = findUser(reader, call.caller.org, call.caller.user); });
    if (!user) return notFound("user");
    const auto enrolment = parts.totp.enrol(call.caller.org, call.caller.user, user->email);
    if (!enrolment) return refuse(enrolment.error());
    return reply(201, {{"secret", enrolment->secret.reveal()}, {"uri", enrolment->uri.reveal()}});
}

HttpResponse confirm(Call& call, const SecondFactorParts& parts) {
    if (!call.caller.isSession()) return needsSession();
    Body body(call.body, {"code"});
    const std::string code = body.requiredText("code", 100);
    if (!body.status()) return refuse(body.status().error());
    const auto codes =
        guarded(call, parts, [&] { return parts.totp.confirm(call.caller.org, call.caller.user, code); });
    if (!codes) return refuse(codes.error());
    if (auto ended = endOthers(call, parts); !ended) return refuse(ended.error());
    Json shown = Json::array();
    for (const Secret& code : *codes) shown.push_back(code.reveal());
    return ok({{"recovery_codes", shown}});
}

HttpResponse disable(Call& call, const SecondFactorParts& parts) {
    if (!call.caller.isSession()) return needsSession();
    Body body(call.body, {"code"});
    const std::string code = body.requiredText("code", 100);
    if (!body.status()) return refuse(body.status().error());
    const auto done =
        guarded(call, parts, [&] { return parts.totp.disable(call.caller.org, call.caller.user, code); });
    if (!done) return refuse(done.error());
    if (auto ended = endOthers(call, parts); !ended) return refuse(ended.error());
    return {204, {}, ""};
}

}  // namespace

void addSecondFactorRoutes(Router& router, const SecondFactorParts& parts) {
    router.add(
        {"POST", "/api/v1/me/totp", "self:manage", [parts](Call& call) { return enrol(call, parts); }, true});
    router.add({"POST", "/api/v1/me/totp/confirm", "self:manage",
                [parts](Call& call) { return confirm(call, parts); }, true});
    router.add({"POST", "/api/v1/me/totp/disable", "self:manage",
                [parts](Call& call) { return disable(call, parts); }, true});
}

}  // namespace signalbox::api

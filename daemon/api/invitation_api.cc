#include "daemon/api/body.h"
#include "daemon/api/session_api.h"
#include "daemon/api/user_api.h"
#include "hub/access/organizations.h"

namespace signalbox::api {
namespace {

// A link that went by mail is shown to nobody else; one that could not be mailed is for whoever asked.
Json withLink(Json out, const Result<bool>& mailed, const Secret& token) {
    const bool is_mailed = mailed && *mailed;
    out["is_mailed"] = is_mailed;
    if (!is_mailed) out["token"] = token.reveal();
    return out;
}

HttpResponse postInvitation(Call& call, const Router& router, const UserParts& parts) {
    Body body(call.body, {"email", "name", "role", "person_id"});
    const auto email = normalizeEmail(body.requiredText("email"));
    if (!email) body.fault("email", "not an e-mail address");
    const std::string role_name = body.requiredText("role", 100), name = body.text("name");
    if (!body.status()) return refuse(body.status().error());
    const auto role = roleToGive(call, router, parts.roles, role_name);
    if (!role) return refuse(role.error());
    const auto person = readPerson(call.body);
    if (!person) return refuse(person.error());
    const User who{0, call.caller.org, *email, name.substr(0, 200), (*role)->name, *person, true, ""};
    const auto invitation = parts.invitations.invite(who, call.caller.user);
    if (!invitation) return refuse(invitation.error());
    Json out = {{"id", idText(kInvitationId, invitation->id)},
                {"email", who.email},
                {"role", who.role},
                {"ends_at", toRfc3339(invitation->ends_at)}};
    return reply(201, withLink(std::move(out), parts.mailer.mailInvitation(*invitation), invitation->token));
}

HttpResponse deleteInvitation(Call& call, const UserParts& parts) {
    const auto id = readId(call, kInvitationId);
    if (!id) return notFound("invitation");
    const auto withdrawn = parts.invitations.withdraw(call.caller.org, *id);
    return withdrawn ? HttpResponse{204, {}, ""} : refuse(withdrawn.error());
}

HttpResponse acceptInvitation(Call& call, const UserParts& parts) {
    Body body(call.body, {"token", "name", "password", "cookie"});
    const Secret token(body.requiredText("token")), password(body.requiredText("password"));
    const std::string name = body.text("name");
    const bool as_cookie = body.flag("cookie").value_or(false);
    if (!body.status()) return refuse(body.status().error());
    const auto user = parts.invitations.accept(token, name.substr(0, 200), password);
    if (!user) return refuse(user.error());
    const auto session = parts.sessions.create(*user, call.request.remote_address,
                                               std::string(call.request.headers.get("user-agent")));
    if (!session) return refuse(session.error());
    call.caller.org = user->org;
    call.caller.user = user->id;
    return signedIn({*user, *session}, as_cookie);
}

bool hasPrivateMailbox(Reader& reader, Id user) {
    return !reader.query("SELECT 1 FROM accounts WHERE private_to = $1 LIMIT 1", {user}).empty();
}

HttpResponse postReset(Call& call, const Router& router, const UserParts& parts) {
    const auto id = readId(call, kUserId);
    if (!id) return notFound("user");
    std::optional<User> user;
    bool is_his_alone = false;
    parts.store.read([&](Reader& reader) {
        user = findUser(reader, call.caller.org, *id);
        is_his_alone = hasPrivateMailbox(reader, *id);
    });
    if (!user) return notFound("user");
    if (auto may = checkMayChange(call, router, parts.roles, *user); !may) return refuse(may.error());
    // Who has the token can sign in as the user, and reads what is private to him.
    if (is_his_alone && !parts.mailer.mailsResets(call.caller.org))
        return problem(409, "user_has_private_mailbox",
                       "the user has a private mailbox, so the link goes to him alone: set up account and "
                       "reset_url for it (PUT "
                       "/api/v1/settings/mail), or deactivate him and take the mailbox over");
    const auto token = parts.invitations.beginReset(call.caller.org, *id);
    if (!token) return refuse(token.error());
    const auto mailed = parts.mailer.mailReset(*user, *token);
    if (is_his_alone && !mailed) return refuse(mailed.error());
    if (is_his_alone && !*mailed) return problem(409, "mail_not_set_up", "the link could not be mailed");
    return reply(201, withLink(Json::object(), mailed, *token));
}

// The same answer whoever asks, so that nobody learns who has an account here.
HttpResponse requestReset(Call& call, const UserParts& parts) {
    Body body(call.body, {"organization", "email"});
    const std::string organization = body.requiredText("organization");
    const auto email = normalizeEmail(body.requiredText("email"));
    if (!email) body.fault("email", "not an e-mail address");
    if (!body.status()) return refuse(body.status().error());
    std::optional<User> user;
    parts.store.read([&](Reader& reader) {
        const auto org = findOrganization(reader, organization);
        if (org) user = findUser(reader, *org, *email);
    });
    const HttpResponse answer = reply(202, {{"status", "accepted"}});
    if (!user || !user->is_active || !parts.mailer.mailsResets(user->org)) return answer;
    if (parts.invitations.isResetFresh(user->org, user->id)) return answer;
    call.caller.org = user->org;
    const auto token = parts.invitations.beginReset(user->org, user->id);
    if (!token) return refuse(token.error());
    if (auto mailed = parts.mailer.mailReset(*user, *token); !mailed) return refuse(mailed.error());
    return answer;
}

HttpResponse finishReset(Call& call, const UserParts& parts) {
    Body body(call.body, {"token", "password"});
    const Secret token(body.requiredText("token")), password(body.requiredText("password"));
    if (!body.status()) return refuse(body.status().error());
    const auto done = parts.invitations.finishReset(token, password);
    return done ? HttpResponse{204, {}, ""} : refuse(done.error());
}

}  // namespace

void addInvitationRoutes(Router& router, const UserParts& parts) {
    router.add({"GET", "/api/v1/invitations", "users:manage", [parts](Call& call) {
                    return ok({{"items", parts.invitations.list(call.caller.org)}, {"next", nullptr}});
                }});
    router.add({"POST", "/api/v1/invitations", "users:manage",
                [parts, &router](Call& call) { return postInvitation(call, router, parts); }, true});
    router.add({"POST", "/api/v1/invitations/accept", std::string(kPublic),
                [parts](Call& call) { return acceptInvitation(call, parts); }, true});
    router.add({"DELETE", "/api/v1/invitations/{id}", "users:manage",
                [parts](Call& call) { return deleteInvitation(call, parts); }});
    router.add({"POST", "/api/v1/users/{id}/password-reset", "users:manage",
                [parts, &router](Call& call) { return postReset(call, router, parts); }, true});
    router.add({"POST", "/api/v1/password-resets/requests", std::string(kPublic),
                [parts](Call& call) { return requestReset(call, parts); }});
    router.add({"POST", "/api/v1/password-resets", std::string(kPublic),
                [parts](Call& call) { return finishReset(call, parts); }, true});
}

}  // namespace signalbox::api

#include "daemon/api/mail_api.h"

#include "connectors/email/discover.h"
#include "daemon/api/inbox_parts.h"
#include "hub/mail/suppressions.h"
#include "hub/outbox/own_mail.h"

namespace signalbox::api {
namespace {

HttpResponse getDiscover(Call& call, HttpClient& http) {
    const std::string address = call.queryText("address");
    const auto found = email::discover(address, {http}, {});
    if (!found) return refuse(found.error());
    return ok(email::toJson(*found, address));
}

std::string normalAddress(const std::string& text) {
    return normalize(Identity{"email", text}, "").value;
}

HttpResponse getSuppressions(Call& call, const MailParts& parts) {
    const auto page = readPage(call, kSuppressionId);
    if (!page) return refuse(page.error());
    return list(listSuppressions(parts.store, call.caller.org, call.queryText("q"), *page), kSuppressionId);
}

HttpResponse postSuppression(Call& call, const MailParts& parts) {
    Body body(call.body, {"address", "detail"});
    const std::string address = normalAddress(body.requiredText("address", 320));
    if (address.find('@') == std::string::npos) body.fault("address", "no e-mail address");
    const std::string detail = body.text("detail", 500);
    if (!body.status()) return refuse(body.status().error());
    std::optional<Suppression> found;
    const auto refused = runChange(parts.store, [&](Tx& tx) -> Status {
        addSuppression(tx, {parts.ids.next(), call.caller.org, address, "manual", detail, 0,
                            actorOf(call.caller).name, parts.clock.now()});
        found = findSuppression(tx, call.caller.org, address);
        return Done{};
    });
    if (refused) return *refused;
    return reply(201, suppressionJson(*found));
}

HttpResponse deleteSuppression(Call& call, const MailParts& parts) {
    const std::string address = normalAddress(call.capture("address"));
    bool was_there = false;
    const auto refused = runChange(parts.store, [&](Tx& tx) -> Status {
        was_there = removeSuppression(tx, call.caller.org, address);
        return Done{};
    });
    if (refused) return *refused;
    return was_there ? HttpResponse{204, {}, ""} : notFound("suppression");
}

HttpResponse getSettings(const Call& call, const MailParts& parts) {
    OwnMailSettings settings;
    parts.store.read([&](Reader& reader) { settings = readOwnMailSettings(reader, call.caller.org); });
    return withRevision(ok({{"account", settings.account},
                            {"invitation_url", settings.invitation_url},
                            {"reset_url", settings.reset_url},
                            {"revision", settings.revision}}),
                        settings.revision);
}

std::string linkOf(Body& body, const char* field) {
    std::string url = body.text(field, 1'000);
    const bool is_web = url.starts_with("https://") || url.starts_with("http://");
    if (!url.empty() && (!is_web || url.find("{token}") == std::string::npos))
        body.fault(field, "an address that begins with https:// and has {token} in it");
    return url;
}

HttpResponse putSettings(Call& call, const MailParts& parts) {
    Body body(call.body, {"account", "invitation_url", "reset_url"});
    body.mustBeThere();  // what it does not say is set back
    OwnMailSettings settings;
    settings.account = body.text("account", 100);
    settings.invitation_url = linkOf(body, "invitation_url");
    settings.reset_url = linkOf(body, "reset_url");
    if (!settings.account.empty()) {
        const auto account = parts.accounts.byName(call.caller.org, settings.account);
        if (!account || account->owner != 0) body.fault("account", "there is none of this name");
        if (account && account->type != "email") body.fault("account", "is no mailbox");
    }
    if (!body.status()) return refuse(body.status().error());
    const auto edit = editOf(call);
    if (!edit) return refuse(edit.error());
    const auto refused = runChange(parts.store, [&](Tx& tx) {
        return saveOwnMailSettings(tx, edit->by, settings, edit->revision, parts.clock.now());
    });
    return refused ? *refused : getSettings(call, parts);
}

}  // namespace

void addMailRoutes(Router& router, const MailParts& parts) {
    const std::string all = "/api/v1/mail/suppressions";
    router.add({"GET", "/api/v1/mail/discover", "accounts:manage",
                [parts](Call& call) { return getDiscover(call, parts.http); }});
    router.add(visible({"GET", "/api/v1/me/mail/discover", "accounts:own",
                        [parts](Call& call) { return getDiscover(call, parts.http); }}));
    router.add({"GET", all, "messages:read", [parts](Call& call) { return getSuppressions(call, parts); }});
    router.add({"POST", all, "messages:send", [parts](Call& call) { return postSuppression(call, parts); }});
    router.add({"DELETE", all + "/{address}", "messages:send",
                [parts](Call& call) { return deleteSuppression(call, parts); }});
    router.add({"GET", "/api/v1/settings/mail", "settings:read",
                [parts](Call& call) { return getSettings(call, parts); }});
    router.add({"PUT", "/api/v1/settings/mail", "settings:manage",
                [parts](Call& call) { return putSettings(call, parts); }});
}

}  // namespace signalbox::api

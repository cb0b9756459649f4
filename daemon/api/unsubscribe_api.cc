#include "daemon/api/unsubscribe_api.h"

#include "daemon/api/link_page.h"
#include "hub/outbox/suppress_address.h"
#include "hub/outbox/unsubscribe.h"

namespace signalbox::api {
namespace {

// Without a word of who is meant: links are forwarded.
HttpResponse unknownLink() {
    return linkPage(404, "Not found", "<p>This link is not one of ours, or the mail is long gone.</p>");
}

std::optional<Suppression> find(const Call& call, const UnsubscribeParts& parts) {
    const auto message = parts.token.findUnsubscribe(call.capture("token"));
    std::optional<Suppression> entry;
    if (!message) return entry;
    parts.store.read([&](Reader& reader) { entry = unsubscription(reader, *message, ""); });
    return entry;
}

HttpResponse show(const Call& call, const UnsubscribeParts& parts) {
    if (!find(call, parts)) return unknownLink();
    return linkPage(200, "Unsubscribe",
                    "<p>You will get no more automatic mails from us. People may still write to you.</p>"
                    "<form method=\"post\"><button name=\"List-Unsubscribe\" value=\"One-Click\">Unsubscribe"
                    "</button></form>");
}

HttpResponse unsubscribe(const Call& call, const UnsubscribeParts& parts) {
    const auto message = parts.token.findUnsubscribe(call.capture("token"));
    if (!message) return unknownLink();
    bool is_known = false;
    const Status written = parts.store.writeAndWait([&](Tx& tx) {
        const auto mail = findOwnMail(tx, *message);
        auto entry = unsubscription(tx, *message, "");
        is_known = mail && entry;
        if (!is_known) return;
        entry->id = parts.ids.next();
        entry->created_at = parts.clock.now();
        // It counts as well after the account is gone.
        if (const AccountRef account = parts.accounts.byId(mail->account))
            suppressAddress(tx, parts.log, *account, *entry);
        else
            addSuppression(tx, *entry);
    });
    if (!written) return linkPage(503, "Not stored", "<p>Please try again in a moment.</p>");
    if (!is_known) return unknownLink();
    return linkPage(200, "Done", "<p>You will get no more automatic mails from us.</p>");
}

}  // namespace

void addUnsubscribeRoutes(Router& router, const UnsubscribeParts& parts) {
    const std::string path = std::string(kUnsubscribePath) + "{token}";
    router.add({"GET", path, std::string(kPublic), [parts](Call& call) { return show(call, parts); }});
    Route use{"POST", path, std::string(kPublic), [parts](Call& call) { return unsubscribe(call, parts); }};
    use.takes_raw_body = true;
    router.add(std::move(use));
}

}  // namespace signalbox::api

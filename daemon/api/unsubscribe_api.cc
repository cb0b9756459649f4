#include "daemon/api/unsubscribe_api.h"

#include "hub/outbox/suppress_address.h"
#include "hub/outbox/unsubscribe.h"

namespace signalbox::api {
namespace {

// Without scripts, and without a word of who is meant: links are forwarded.
HttpResponse page(int status, const std::string& title, const std::string& body) {
    HttpResponse response;
    response.status = status;
    response.headers = {
        {"content-type", "text/html; charset=utf-8"},
        {"cache-control", "no-store"},
        {"referrer-policy", "no-referrer"},
        {"content-security-policy",
         "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'"}};
    response.body =
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" "
        "content=\"width=device-width\"><title>" +
        title +
        "</title><style>body{font:16px sans-serif;max-width:40rem;margin:3rem auto;padding:0 1rem}"
        "button{font:inherit;padding:.5rem 1.5rem}</style><h1>" +
        title + "</h1>" + body + "</html>\n";
    return response;
}

HttpResponse unknownLink() {
    return page(404, "Not found", "<p>This link is not one of ours, or the mail is long gone.</p>");
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
    return page(200, "Unsubscribe",
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
    if (!written) return page(503, "Not stored", "<p>Please try again in a moment.</p>");
    if (!is_known) return unknownLink();
    return page(200, "Done", "<p>You will get no more automatic mails from us.</p>");
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

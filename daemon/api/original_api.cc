#include "daemon/api/original_api.h"

#include "daemon/api/files_api.h"
#include "hub/files/file_type.h"
#include "hub/ingest/kept_mail.h"

namespace signalbox::api {
namespace {

HttpResponse gone(const std::string& why) {
    return problem(410, "original_gone", why);
}

// Its headers name servers and people that a customer has no business with.
HttpResponse getOriginal(Call& call, Store& store, const Accounts& accounts, const BlobStore& blobs) {
    const Visibility view(call.caller);
    const auto id = readId(call, kMessageId);
    const auto message = id ? findMessage(store, accounts, view, *id) : std::nullopt;
    if (!message || view.isOwnOnly()) return notFound("message");
    if (message->contains("deleted_for")) return gone("the message was deleted");
    const auto request = parseId(kRequestId, textAt(*message, "request_id"));
    if (!request || textAt(*message, "channel") != "email")
        return problem(404, "no_original", "originals are kept of mails that came or lay in a mailbox");
    const auto kept = loadKeptMail(store, view.org(), *request);
    if (!kept) return gone("originals are kept for retention.requests_days, and this one is older");
    HttpResponse response{200, {{"content-type", "message/rfc822"}}, kept->raw};
    if (!kept->blob.empty()) {
        auto bytes = blobs.read(kept->blob);
        if (!bytes) return refuse(bytes.error());
        response.body = *std::move(bytes);
    }
    if (response.body.empty()) return problem(404, "no_original", "nothing of this mail could be fetched");
    // Of a mail beyond max_mail_bytes only the beginning was fetched, and that is not to look like the whole.
    const bool is_cut = message->at("content").contains("truncated_bytes");
    response.headers.add(
        "content-disposition",
        contentDisposition(textAt(*message, "id") + (is_cut ? ".beginning.eml" : ".eml"), false));
    response.headers.add("cache-control", "private, no-cache");
    protectContent(response);
    return response;
}

}  // namespace

void addOriginalRoutes(Router& router, Store& store, const Accounts& accounts, const BlobStore& blobs) {
    router.add(visible(
        {"GET", "/api/v1/messages/{id}/original", "messages:read",
         [&store, &accounts, &blobs](Call& call) { return getOriginal(call, store, accounts, blobs); }}));
}

}  // namespace signalbox::api

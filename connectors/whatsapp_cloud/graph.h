// Calls of the Graph API: one request each, with the account's token, and errors in our words.
#pragma once

#include "connectors/sdk/http_client.h"
#include "connectors/whatsapp_cloud/config.h"
#include "hub/model/outbound.h"

namespace signalbox::whatsapp_cloud {

// Thread-safe.
class Graph {
public:
    // Both outlive the object.
    Graph(const WhatsappConfig& config, HttpClient& http) : config_(config), http_(http) {}

    // What the answer to a send says. An answer that is missing, a 5xx of a gateway, and a success without an
    // id are Uncertain: there is no idempotency key, so the message must not be sent again by itself.
    Result<Receipt> send(const HttpRequest& request, const std::stop_token& stop) const;
    // GET of a node (`path` without version).
    Result<Json> read(const std::string& path, const std::stop_token& stop) const;
    // Follows up to three redirects; the token goes to Meta's hosts and to base_url's own host only.
    Result<HttpResponse> download(const std::string& url, const std::stop_token& stop) const;

private:
    // An error text of Meta may quote the token.
    Error withoutToken(Error error) const;

    const WhatsappConfig& config_;
    HttpClient& http_;
};

}  // namespace signalbox::whatsapp_cloud

// A workflow's request → the HTTP request that leaves. Pure.
#pragma once

#include "base/http_message.h"
#include "connectors/http/config.h"
#include "connectors/http/pagination.h"
#include "hub/model/outbound.h"

namespace signalbox::http_account {

struct Prepared {
    HttpRequest request;
    std::string what;  // "http POST api.example.test", for errors: paths and queries may hold secrets
    std::chrono::milliseconds timeout{};
    bool is_repeatable = false;      // doing it twice is as good as once
    bool is_at_base = false;         // base_url, which an admin chose; else wherever a workflow pointed to
    bool is_authorized = false;      // it carries the account's credentials
    bool fails_on_status = true;     // an answer that is not 2xx is an error
    bool takes_text = false;         // the answer stays text, whatever it says of itself
    std::string credential;          // joins the request when it leaves; empty: none
    std::string signing_credential;  // signs it (Standard Webhooks); empty: none
    std::optional<Pagination> pagination;
    std::vector<Secret> secrets;  // of its credentials: never to be seen in the answer
};

// Invalid, with what is wrong, for a message that is no request.
Result<Prepared> render(const OutboundMessage& message, const AccountConfig& config);

}  // namespace signalbox::http_account

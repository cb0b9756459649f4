// What the API and workflows ask to be sent, read from JSON into typed values. Pure: no database, no account
// is looked up. Forms:
//   {"account", "to", "type", "text", "template" | "interactive" | "location" | "contacts" | "content",
//    "attachments", "reply_to" | "in_reply_to", "channel", "expires_in_s", "subject", "html", "cc", "bcc",
//    "request_receipt"}
//   {"conversation_id", …the same without account, to and channel; mails: also "to", "reply_all"}
//   {"account", "http": {"method", "url", "headers", "query", "body"}}
// A field that is not known is an error, and every error begins with the field's name.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/json.h"
#include "base/result.h"
#include "hub/model/envelope.h"
#include "hub/model/mail_facts.h"

namespace signalbox {

struct RequestForm {
    std::string account, channel;
    std::optional<Id> conversation;
    std::string to;                       // as it was written; its kind follows from the channel
    std::optional<Identity> to_identity;  // {"kind", "value"}
    std::vector<MailParty> to_all;        // a list, or {"address", "name"}: mails only
    std::string type, text;
    Json content = Json::object();
    std::string shown_html;  // of a mail, set by Outbox::prepare: its HTML as people see it here
    std::vector<Attachment> attachments;
    std::string in_reply_to;     // the provider's id
    std::optional<Id> reply_to;  // our message
    bool is_to_all = false;      // mails: also to the others whom the answered one went to
    std::string client_token;
    std::optional<std::chrono::seconds> expires_in;

    bool hasTo() const { return !to.empty() || to_identity || !to_all.empty(); }
};

Result<RequestForm> readRequestForm(const Json& request);

}  // namespace signalbox

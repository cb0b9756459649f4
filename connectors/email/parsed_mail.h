// A mail after parsing, as far as the connector needs it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"

namespace signalbox::email {

struct MailAddress {
    std::string name, address;
};

struct MailFile {
    std::string name, mime, content_id, bytes;
    bool is_inline = false;
};

struct BouncedRecipient {
    std::string address;
    std::string action;  // failed, delayed, delivered, relayed, expanded
    std::string code;    // 5.1.1
    std::string text;
    bool is_hard = false;
};

struct ParsedMail {
    std::string message_id;  // empty: it had none
    std::vector<std::string> references, in_reply_to;
    std::vector<MailAddress> from, to, cc, reply_to;
    std::optional<TimePoint> date;
    std::string subject, text, html, stripped_text;
    std::vector<MailFile> files;
    std::string auto_kind = "none";
    std::vector<BouncedRecipient> bounced;
    std::string original_message_id;  // of a bounce or receipt
    bool is_read_receipt = false;
};

// Total: any bytes give a mail. Any thread.
ParsedMail parseMail(const std::string& raw);

}  // namespace signalbox::email

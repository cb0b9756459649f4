// From the tree of parts to what is read and what is attached. Pure.
#pragma once

#include <string>
#include <string_view>

#include "connectors/email/mime/content_type.h"
#include "connectors/email/mime/message_tree.h"
#include "hub/model/mail.h"

namespace signalbox::mime {

struct MailBody {
    std::string text;  // of text/plain parts, or made from the HTML
    std::string html;  // as it was sent, UTF-8, not sanitized
    bool is_text_from_html = false;
    std::string calendar, crypto;
    std::vector<MailAttachment> attachments;
    MailPart parts;
};

MailBody readBody(const MessageNode& root, std::vector<std::string>& warnings);

// The type of a node; `is_digest` is whether its parent is multipart/digest.
HeaderValue typeOf(const MessageNode& node, bool is_digest = false);

}  // namespace signalbox::mime

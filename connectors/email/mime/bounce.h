// Reports of delivery: RFC 3464, 3462 and 6533, and what servers sent before there were any or in spite of
// them. Pure, linear.
#pragma once

#include <optional>

#include "connectors/email/mime/message_tree.h"
#include "hub/model/mail.h"

namespace signalbox::mime {

// Nothing: this is no report of delivery. `mail` has its people, subject and text, and what its headers say
// of it (auto_kind); vacation replies, receipts and complaints are no bounces.
std::optional<MailBounce> readBounce(const MessageNode& root, const Mail& mail);

}  // namespace signalbox::mime

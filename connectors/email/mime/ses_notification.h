// What Amazon SES tells of a mail through SNS, when the topic's subscriber is a mailbox: a JSON object as the
// text, with or without the wrapping of SNS, and a footer about unsubscribing.
// https://docs.aws.amazon.com/ses/latest/dg/notification-contents.html
#pragma once

#include <optional>
#include <string_view>

#include "hub/model/mail.h"

namespace signalbox::mime {

struct SesNotification {
    enum class Kind { Bounce, Complaint, Delivery };
    Kind kind = Kind::Bounce;
    std::vector<BounceRecipient>
        recipients;                   // address, action, status and diagnostic as it says; to be judged
    std::string original_message_id;  // the sender's own where it is told, else SES's
};

// Nothing: the text is no such notification. Pure, never throws.
std::optional<SesNotification> readSesNotification(std::string_view text);

}  // namespace signalbox::mime

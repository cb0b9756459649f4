// What beside the message decides about the bytes of a mail: when it was written, and the parts of the
// account's configuration that go into it. Kept from the first try of a mail to several recipients, so that
// who gets it later gets the same mail, whatever was changed meanwhile. Pure.
#pragma once

#include "base/clock.h"
#include "connectors/email/compose.h"

namespace signalbox::email {

struct MailForm {
    AccountConfig config;
    TimePoint at{};
    Addresses addresses = Addresses::Written;
};

Result<ComposedMail> compose(const OutboundMessage& message, const MailForm& form);

// `kept` null: that of now.
MailForm formOf(const Json& kept, const AccountConfig& config, TimePoint now);
Json toJson(const MailForm& form);

}  // namespace signalbox::email

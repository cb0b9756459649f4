// Reading the form fields of a callback: shared by the files that normalize.
#pragma once

#include <string>
#include <string_view>

#include "base/http_message.h"
#include "hub/model/envelope.h"

namespace signalbox::twilio {

// The value, or empty.
std::string field(const FormFields& fields, std::string_view name);

// "whatsapp:+1555…" is a phone number on WhatsApp, "whatsapp:US.1234" a business-scoped user id there; what
// has no prefix is a phone number on SMS.
struct Address {
    std::string channel;
    Identity identity;
};
Address readAddress(std::string_view text);

// The message's id under any of the names it has come under over the years.
std::string messageSid(const FormFields& fields);

}  // namespace signalbox::twilio

// What Twilio's error codes mean for us, in answers to a send and in status callbacks. One table; codes and
// meanings from https://www.twilio.com/docs/api/errors.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace signalbox::twilio {

struct ErrorCode {
    std::string_view code;
    ErrorKind kind;         // of a send that was answered with it
    std::string_view text;  // for people, without numbers or addresses
};

// Null when it is not in the table.
const ErrorCode* findErrorCode(std::string_view code);

// The table's words, else where Twilio explains the code.
std::string describe(std::string_view code);

// Whether the same message may be sent again later with hope.
bool isRetryableCode(std::string_view code);

// The recipient took back the permission to write (STOP).
inline constexpr std::string_view kOptedOut = "21610";
// WhatsApp: more than 24 hours since the recipient last wrote; only templates are let through.
inline constexpr std::string_view kOutsideWindow = "63016";

}  // namespace signalbox::twilio

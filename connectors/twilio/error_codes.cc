#include "connectors/twilio/error_codes.h"

#include <algorithm>
#include <iterator>

namespace signalbox::twilio {
namespace {

using enum ErrorKind;

constexpr ErrorCode kCodes[] = {
    {"14107", Throttled, "message rate limit exceeded"},
    {"20003", Unauthorized, "account SID or Auth Token is wrong"},
    {"20005", Forbidden, "the account is not active"},
    {"20404", Rejected, "no such account or resource"},
    {"20429", Throttled, "too many requests"},
    {"21211", Rejected, "the recipient's number is not valid"},
    {"21408", Rejected, "sending to this region is not enabled for the account"},
    {"21606", Rejected, "the sender cannot send to this recipient, or is not the account's"},
    {"21608", Rejected, "a trial account sends to verified numbers only"},
    {kOptedOut, Rejected, "the recipient has opted out (STOP)"},
    {"21612", Rejected, "this sender cannot reach this recipient"},
    {"21614", Rejected, "the recipient's number is not a mobile number"},
    {"21617", Invalid, "the text is longer than 1600 characters"},
    {"30001", Unavailable, "queue overflow"},
    {"30002", Forbidden, "the account is suspended"},
    {"30003", Rejected, "the handset is not reachable"},
    {"30004", Rejected, "the message is blocked"},
    {"30005", Rejected, "the handset is unknown"},
    {"30006", Rejected, "a landline, or a carrier that is not reachable"},
    {"30007", Rejected, "filtered by the carrier"},
    {"30008", Unavailable, "unknown error at the carrier"},
    {"63003", Rejected, "the channel does not know the recipient"},
    {"63005", Invalid, "the channel does not accept this content"},
    {"63007", Rejected, "no sender of that channel with this address in the account"},
    {"63012", Unavailable, "the channel's provider failed"},
    {"63013", Rejected, "against the channel's policy"},
    {"63014", Rejected, "the recipient has blocked the sender"},
    {"63015", Rejected, "the recipient has not joined the sandbox"},
    {kOutsideWindow, Rejected, "more than 24 hours since the recipient last wrote; send a template"},
    {"63018", Throttled, "the channel's rate limit is exceeded"},
    {"63024", Rejected, "the recipient is not valid for the channel"},
    {"63032", Rejected, "WhatsApp does not deliver this message to this recipient"},
    {"63038", Throttled, "the account's daily limit of messages is reached"},
};

}  // namespace

const ErrorCode* findErrorCode(std::string_view code) {
    const auto it = std::find_if(std::begin(kCodes), std::end(kCodes),
                                 [&](const ErrorCode& known) { return known.code == code; });
    return it == std::end(kCodes) ? nullptr : &*it;
}

std::string describe(std::string_view code) {
    if (const auto* known = findErrorCode(code)) return std::string(known->text);
    return "see https://www.twilio.com/docs/api/errors/" + std::string(code);
}

bool isRetryableCode(std::string_view code) {
    const auto* known = findErrorCode(code);
    return known != nullptr && (known->kind == Throttled || known->kind == Unavailable);
}

}  // namespace signalbox::twilio

// From a message of ours to the bytes of a mail (RFC 5322, 2045–2049, 2231), by GMime, which is known to
// compose.cc and the parser only. Pure: the same message at the same moment gives the same bytes. What could
// end a header line early is refused.
#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "connectors/email/config.h"
#include "hub/model/outbound.h"

namespace signalbox::email {

struct ComposedMail {
    std::string bytes;  // lines end with CR LF
    std::string message_id;
    std::vector<std::string> recipients;  // To, Cc and Bcc, each once; domains in ASCII
    bool needs_utf8 = false;              // a local part of an address is not ASCII (RFC 6531)
    std::string blind_copies;             // the line «Bcc: …», with CR LF; empty: there are none
};

// What lies in the folder of sent mail tells to whom it went; what is sent does not.
std::string copyForSent(const ComposedMail& mail);

// What `message.content` may hold: subject, html, to, cc, bcc, reply_to, request_receipt, message_id,
// references, in_reply_to, auto_submitted, list_unsubscribe, is_private; the README says what each is. What
// would run in a page goes out of the HTML. Invalid names what is wrong. Addresses::Shown: for a server that
// takes ASCII only, addresses beyond it stand as names without an address (RFC 6857); the others' mail is as
// it should be.
enum class Addresses { Written, Shown };
Result<ComposedMail> compose(const OutboundMessage& message, const AccountConfig& config, TimePoint now,
                             Addresses addresses = Addresses::Written);

}  // namespace signalbox::email

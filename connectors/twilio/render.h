// Message → the request of Messages.json, and its answer → receipt. Pure.
#pragma once

#include "base/http_message.h"
#include "base/result.h"
#include "connectors/twilio/config.h"
#include "hub/model/outbound.h"

namespace signalbox::twilio {

// Invalid: Twilio has no such message. Rejected with code 63016: WhatsApp would refuse it, because the other
// side did not write in the last 24 hours and this is no template.
Result<HttpRequest> render(const OutboundMessage& message, const TwilioConfig& config, TimePoint now);

// A message of type «call»: the request of Calls.json. content: say (a text, read aloud in `language`) or
// answer_url (an address that gives TwiML); ring_s, record.
Result<HttpRequest> renderCall(const OutboundMessage& message, const TwilioConfig& config);

// The answer to that request.
Result<Receipt> readReceipt(const HttpResponse& response);

// What an answer that is no success means. The provider's own text is left out: it repeats the recipient's
// number.
Error readError(const std::string& what, const HttpResponse& response);

}  // namespace signalbox::twilio

// An SMS, MMS or WhatsApp message that someone sent to one of our numbers. Pure.
#pragma once

#include "base/http_message.h"
#include "hub/model/envelope.h"

namespace signalbox::twilio {

// `fields` hold a message id and From.
Envelope inboundMessage(const FormFields& fields);

}  // namespace signalbox::twilio

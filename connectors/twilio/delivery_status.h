// What became of a message that we sent: a status callback. Pure.
#pragma once

#include <optional>
#include <string>

#include "base/http_message.h"
#include "hub/model/envelope.h"

namespace signalbox::twilio {

// The parameter of our StatusCallback URL that brings our message id back. Twilio signs the URL, so it can be
// trusted as much as the rest.
inline constexpr std::string_view kReferenceParameter = "sb";

// Twilio's word for a delivery state: nothing for one we do not know. The table is in the README.
std::optional<DeliveryState> deliveryState(std::string_view word);

// The word in a status callback, empty when `fields` are none (an inbound message is "received").
std::string statusWord(const FormFields& fields);

// `fields` hold a message id and a status word that deliveryState knows.
Envelope deliveryStatus(const FormFields& fields, const FormFields& query,
                        const std::string& default_channel);

}  // namespace signalbox::twilio

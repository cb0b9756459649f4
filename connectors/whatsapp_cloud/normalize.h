// Meta's callback → envelopes. Pure: same bytes, same envelopes; no clock, no network. An element that is not
// understood as a message becomes a notice; one that cannot be told apart from others (it has no id) is named
// in quarantine_reason, and the elements beside it go on.
#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "hub/model/envelope.h"

namespace signalbox::whatsapp_cloud {

struct Normalized {
    std::vector<Envelope> envelopes;
    std::string quarantine_reason;  // empty when all of the callback was understood
};

// Takes the callback apart, so it is handed over. `phone_number_id` is the account's: an envelope that was
// addressed to another number of the app says so in content.phone_number_id.
Normalized normalize(Json callback, const std::string& phone_number_id);

}  // namespace signalbox::whatsapp_cloud

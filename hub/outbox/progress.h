// How far a message to several recipients came, as the outbox keeps it in its columns `progress` and
// `leaving`. Pure.
#pragma once

#include <string>

#include "hub/model/outbound.h"

namespace signalbox {

SendProgress readProgress(const std::string& progress, const std::string& leaving = "");
// Empty when there is nothing to keep.
std::string progressText(const SendProgress& progress);
std::string leavingText(const Leaving& leaving);
Json progressJson(const SendProgress& progress);  // for people: without the connector's own

// What a try came to: who was taken or failed is done with, who was delayed waits.
SendProgress advanced(SendProgress progress, const Receipt& receipt);
// What the try that was leaving comes to, now that the message is known to have arrived.
Receipt arrivedReceipt(const SendProgress& progress, const std::string& external_id);
bool hasTaken(const Receipt& receipt);

}  // namespace signalbox

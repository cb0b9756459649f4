// What the recipients of one mail were told, as delivery understands it. Pure.
#pragma once

#include <string>
#include <vector>

#include "connectors/email/smtp_session.h"
#include "hub/model/outbound.h"

namespace signalbox::email {

// Each recipient of the try: Accepted, Delayed or Failed, by its address in lower case as reports have it.
std::vector<StatusUpdate> toldTo(const Submitted& submitted);

// Takes away who has it or was refused for good.
void leaveOut(std::vector<std::string>& recipients, const SendProgress& progress);

// Puts them into the receipt, with `rest` where somebody waits, or nobody got it in this try or before.
void addRecipients(Receipt& receipt, const std::vector<StatusUpdate>& told, const SendProgress& before,
                   const Json& form);

// One recipient alone: there is no list, and it was taken.
bool hasTaken(const std::vector<StatusUpdate>& told);

}  // namespace signalbox::email

// Puts an address on the list of those that machines no longer write to (hub/mail/suppressions.h) and tells
// it once, as `mail.suppressed`; not what a user's private mailbox learns. Called inside Writes by whoever
// learns that an address is gone.
#pragma once

#include "hub/accounts/accounts.h"
#include "hub/log/event_log.h"
#include "hub/mail/suppressions.h"

namespace signalbox {

void suppressAddress(Tx& tx, EventLog& log, const Account& account, const Suppression& added);

// A refusal at RCPT whose code says that the address, its host or its mail service is not there (RFC 3463).
bool isGoneCode(std::string_view code);

}  // namespace signalbox

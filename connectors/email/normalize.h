// A mail's bytes as an item for ingest: the message, its files, what is needed to thread it and to know it
// again, and the delivery states that a bounce or a read receipt tells. Pure and total. Any thread.
#pragma once

#include <string>

#include "connectors/sdk/poller.h"

namespace signalbox::email {

// `own_address`: of the account, lower case. `is_sent`: the mail lies in the folder of sent mail.
PolledItem normalize(const std::string& place, std::string raw, const std::string& own_address, bool is_sent);

}  // namespace signalbox::email

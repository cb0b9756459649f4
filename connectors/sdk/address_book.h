// Host names become addresses here, and each one is judged before anything connects to it.
#pragma once

#include <sys/socket.h>

#include <vector>

#include "connectors/sdk/http_client.h"
#include "connectors/sdk/url.h"

namespace signalbox {

// The addresses of the URL's host with its port, in the order to try. Blocks as long as the system's resolver
// does. Forbidden when the port or ANY of the addresses is denied: a name that also points inside is a trap.
// Unavailable when there is no address.
Result<std::vector<sockaddr_storage>> resolve(const Url& url, const AddressPolicy& policy);

}  // namespace signalbox

// One HTTP/1.1 connection: reads requests, shows them to the handler one at a time and in order, writes the
// answers. Called by the listener; from then on the connection lives by its IoThread.
#pragma once

#include <memory>
#include <string>

#include "daemon/http/admission.h"
#include "daemon/http/io_thread.h"
#include "daemon/http/sockets.h"

namespace signalbox::http {

// On `thread`, with a socket of its io_context that does not block.
void beginConnection(IoThread& thread, PlainSocket socket, Admission::Place place,
                     std::string remote_address);
// The same after a TLS handshake.
void beginConnection(IoThread& thread, TlsSocket socket, Admission::Place place, std::string remote_address);

}  // namespace signalbox::http

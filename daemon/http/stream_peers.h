// What a connection becomes when its request opens a StreamRoute. Called by connection.cc on the connection's
// thread, after the route has agreed.
#pragma once

#include <optional>

#include "daemon/http/admission.h"
#include "daemon/http/io_thread.h"
#include "daemon/http/sockets.h"

namespace signalbox::http {

struct StreamOpening {
    IoThread& thread;
    const StreamRoute& route;
    HttpRequest request;
    Admission::Place place;
};

// The answer when the WebSocket handshake cannot be completed (RFC 6455, 4.2.1).
std::optional<HttpResponse> refuseHandshake(const HttpRequest& request);

void openWebSocket(StreamOpening opening, PlainSocket socket);
void openWebSocket(StreamOpening opening, TlsSocket socket);

void openEventStream(StreamOpening opening, PlainSocket socket);
void openEventStream(StreamOpening opening, TlsSocket socket);

}  // namespace signalbox::http

// An HttpResponse as the bytes that go over the wire. Pure.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/http_message.h"

namespace signalbox::http {

// "Sat, 21 Nov 2026 07:00:00 GMT"; each IoThread keeps the one of the present second.
std::string httpDate(TimePoint t);

struct ResponseFraming {
    std::string_view date;
    bool is_head_request = false;  // the length is told, the body is not sent
    bool is_http_1_0 = false;
    bool keeps_alive = true;
};

// Appends status line and header fields with the empty line. Content-Length, Connection and Date are ours; a
// name that is no token is left out, control characters in a value become spaces: nobody can inject a line.
void appendHead(std::string& out, const HttpResponse& response, const ResponseFraming& framing);

// False for 1xx, 204, 304 and answers to HEAD.
bool sendsBody(const HttpResponse& response, const ResponseFraming& framing);

// The head of an event stream: without a length, it ends when the connection does.
void appendEventStreamHead(std::string& out, std::string_view date);

}  // namespace signalbox::http

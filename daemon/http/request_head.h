// Reads the head of a request (request line and header fields) by the letter of RFC 9112, and stricter where
// two readers could understand different things: what is ambiguous is refused and the connection is closed.
// Pure; used by request_reader.h on the connection's thread.
#pragma once

#include <cstdint>
#include <string_view>
#include <variant>

#include "base/http_message.h"

namespace signalbox::http {

// Why a request is not even shown to the handler; becomes the problem+json answer, then the connection
// closes.
struct Refusal {
    int status;
    const char* code;
    const char* detail;
};

struct HeadLimits {
    std::size_t max_bytes = 32 * 1024;
    std::size_t max_request_line = 8 * 1024;
    std::size_t max_fields = 64;
    std::size_t max_field_bytes = 8 * 1024;  // name and value together
};

struct RequestHead {
    HttpRequest request;  // body and remote address still empty
    std::uint64_t content_length = 0;
    bool is_http_1_0 = false;
    bool is_chunked = false;
    bool keeps_alive = true;
    bool expects_continue = false;
    bool wants_websocket = false;
};

// Finds the empty line that ends a head while bytes arrive; looks at each byte once.
class HeadFinder {
public:
    explicit HeadFinder(const HeadLimits& limits) : limits_(limits) {}

    // `bytes` is all of this head that has arrived, perhaps with more behind it. The head's length with its
    // empty line; 0 while that has not come.
    std::variant<std::size_t, Refusal> find(std::string_view bytes);
    void reset() { line_start_ = scanned_ = 0; }

private:
    std::variant<std::size_t, Refusal> unfinished(std::size_t received) const;

    const HeadLimits limits_;
    std::size_t line_start_ = 0, scanned_ = 0;
};

// `head` ends with its empty line, as HeadFinder found it.
std::variant<RequestHead, Refusal> parseHead(std::string_view head, const HeadLimits& limits);

// RFC 9110: the characters of methods and field names.
bool isToken(std::string_view text);
// Neither CR, LF, NUL nor another control character but the tab.
bool isFieldValue(std::string_view text);

}  // namespace signalbox::http

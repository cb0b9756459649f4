// Puts an HTTP/1.1 response together from the bytes of a connection. The limits hold while it is read: 64 KiB
// of header, `max_body` of body. The implementation is the wall around Beast's parser.
#pragma once

#include <memory>
#include <string_view>

#include "base/http_message.h"
#include "base/result.h"

namespace signalbox {

class ResponseReader {
public:
    // A response to HEAD has no body, whatever its header says.
    ResponseReader(bool is_head, std::size_t max_body);
    ~ResponseReader();

    // True once the response is complete. Errors: Invalid (not HTTP), Rejected (over a limit).
    Result<bool> feed(std::string_view bytes);
    // The connection has ended: true when that completes the response.
    Result<bool> finish();

    bool hasBegun() const;      // at least one byte came
    bool mayKeepAlive() const;  // complete, nothing came after it, and neither side wants to close
    HttpResponse take();        // once complete

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace signalbox

// A blocking TCP client that sends what it is told, byte for byte, and reads what comes. A test that waits
// longer than ten seconds fails with an exception instead of hanging.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/http_message.h"

namespace signalbox::testing {

class RawClient {
public:
    // `receive_buffer`: a small one makes a client that takes little; 0 leaves the system's.
    explicit RawClient(std::uint16_t port, int receive_buffer = 0);
    ~RawClient();
    RawClient(const RawClient&) = delete;
    RawClient& operator=(const RawClient&) = delete;

    void send(std::string_view bytes);
    // Like `send`, but a server that has closed meanwhile is no error.
    void trySend(std::string_view bytes);
    void finishSending();

    std::string readUntil(std::string_view end);
    std::string readExactly(std::size_t bytes);
    // What comes until the server closes.
    std::string readToEnd();
    // Head and body by Content-Length (none for an answer to HEAD).
    HttpResponse readResponse(bool is_head_request = false);

    int descriptor() const { return socket_; }

private:
    // False at the end of the stream.
    bool receive();

    int socket_;
    std::string buffer_;
};

// Sends `bytes` over a connection of its own and gives all that comes back until the server closes.
std::string exchange(std::uint16_t port, std::string_view bytes);
// The status of the first response in `bytes`; 0 when there is none.
int statusOf(std::string_view bytes);

}  // namespace signalbox::testing

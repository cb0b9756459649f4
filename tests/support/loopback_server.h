// A server on a free port of 127.0.0.1 that says exactly the bytes a test wants, also half answers and none.
// Each connection is served on a thread of its own.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/http_message.h"

namespace signalbox {

class LoopbackServer {
public:
    class Peer {
    public:
        explicit Peer(int fd) : fd_(fd) {}
        // Head and body (by Content-Length) of the next request; empty when the other side has closed.
        std::string readRequest();
        // False when the other side has gone.
        bool write(std::string_view bytes);
        // Ends with a reset instead of an orderly close.
        void reset();

    private:
        int fd_;
        std::string pending_;
    };

    // The connection is closed when `serve` returns.
    explicit LoopbackServer(std::function<void(Peer&)> serve);
    ~LoopbackServer();

    std::string url(std::string_view path = "/") const;
    int port() const { return port_; }
    int accepted() const { return accepted_; }
    // Returns once every accepted connection is closed.
    void waitUntilClosed();

private:
    void accept();
    void serveOne(int fd);

    const std::function<void(Peer&)> serve_;
    int listener_ = -1;
    int port_ = 0;
    std::atomic<int> accepted_{0};
    std::mutex mutex_;
    std::condition_variable closed_;
    std::vector<int> open_;
    std::vector<std::thread> peers_;
    std::thread acceptor_;
};

// "HTTP/1.1 200 OK" with Content-Length and the body.
std::string okResponse(std::string_view body);
// What Peer::readRequest gave, in its parts.
HttpRequest parseRequest(const std::string& bytes);
// The bytes of a response, Content-Length added.
std::string toBytes(const HttpResponse& response);

}  // namespace signalbox

// An HTTPS server on a free port of loopback with a certificate of its own making, for tests of what a client
// must check. Every request is answered "secret".
#pragma once

#include <memory>
#include <string>

namespace signalbox {

class TlsServer {
public:
    // The certificate is valid for this DNS name only, and signed by itself.
    explicit TlsServer(const std::string& dns_name);
    ~TlsServer();

    int port() const;
    // The certificate as PEM, for who wants to trust it.
    const std::string& certificate() const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace signalbox

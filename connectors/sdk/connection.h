// A TCP connection to one address, with TLS where the URL asks for it: the server's certificate must be valid
// for the host of the URL, whatever the address is. Used by one thread at a time.
#pragma once

#include <memory>
#include <mutex>
#include <string_view>

#include "connectors/sdk/http_client.h"
#include "connectors/sdk/io_wait.h"
#include "connectors/sdk/url.h"

struct ssl_ctx_st;
struct ssl_st;
struct sockaddr;

namespace signalbox {

// TLS 1.2 and later with the system's certificate authorities. Loading them takes tens of milliseconds and 3
// MB, so a client keeps one, and it loads them for the first handshake. Thread-safe.
class TlsSettings {
public:
    TlsSettings() = default;
    ~TlsSettings();
    TlsSettings(const TlsSettings&) = delete;
    TlsSettings& operator=(const TlsSettings&) = delete;
    ssl_ctx_st* get() const;

private:
    mutable std::once_flag is_made_;
    mutable ssl_ctx_st* context_ = nullptr;
};

class Connection {
public:
    // Connects and shakes hands. Every error is Unavailable: nothing of the request has left yet.
    static Result<std::unique_ptr<Connection>> open(const Url& url, const sockaddr& address,
                                                    const TlsSettings& tls, const HttpOptions& options,
                                                    const IoWait& wait);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    // Sends all of it. `written` counts what the system took, also when this fails.
    Status write(std::string_view bytes, const HttpOptions& options, const IoWait& wait,
                 std::size_t& written);
    // At least one byte, or 0 when the other side has closed in order.
    Result<std::size_t> read(char* into, std::size_t size, const HttpOptions& options, const IoWait& wait);
    // Between two requests nothing may arrive: whatever did is the end of the connection.
    bool isQuiet() const;

private:
    explicit Connection(int fd) : fd_(fd) {}
    Status connect(const sockaddr& address, const HttpOptions& options, const IoWait& wait);
    Status shakeHands(const Url& url, const TlsSettings& tls, const HttpOptions& options, const IoWait& wait);
    // Waits for what TLS asked for; an error when it has failed instead.
    Status waitForTls(int outcome, std::chrono::milliseconds at_most, const IoWait& wait);

    int fd_;
    ssl_st* tls_ = nullptr;
};

}  // namespace signalbox

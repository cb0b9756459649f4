// A connection to a mail server: the address is checked before anything connects, TLS verifies the server's
// name, every wait ends at the time-out, or at once when somebody asks to stop: a server that is stuck holds
// nobody up. Shared by IMAP and SMTP; the socket behind it is Poco's (poco_socket.h). Used by one thread at a
// time.
#pragma once

#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

#include "connectors/email/config.h"
#include "connectors/sdk/http_client.h"

namespace signalbox::email {

struct SocketOptions {
    AddressPolicy policy;  // which addresses may be connected to
    std::chrono::seconds timeout{20};
    std::string ca_file;  // an authority beside the system's; empty: none
};

class MailSocket {
public:
    struct Impl;

    // Connects, and shakes hands where the server speaks TLS from the start. Unavailable when it cannot be
    // reached, Forbidden when the policy denies it, Rejected when its certificate is not good.
    static Result<std::unique_ptr<MailSocket>> open(const Server& server, const SocketOptions& options,
                                                    const std::stop_token& stop);
    explicit MailSocket(std::unique_ptr<Impl> impl);
    ~MailSocket();
    MailSocket(const MailSocket&) = delete;

    // After the server agreed to STARTTLS.
    Status startTls();
    // At least one byte; 0 when the other side has closed. Unavailable after the time-out.
    Result<std::size_t> read(char* into, std::size_t size);
    Status write(std::string_view bytes);
    // True: there is something to read. False: the time is over, or `stop` was requested.
    bool waitForNews(std::chrono::milliseconds at_most, const std::stop_token& stop);
    // While it lives, a request to stop cuts the connection off; it is of no more use then. Ends before the
    // socket does.
    using Interruption = std::unique_ptr<std::stop_callback<std::function<void()>>>;
    Interruption interruptOn(const std::stop_token& stop);
    // Of each answer from now on.
    void setTimeout(std::chrono::seconds timeout);
    void close();

    Impl& impl() { return *impl_; }

private:
    std::unique_ptr<Impl> impl_;
};

}  // namespace signalbox::email

#include "connectors/email/mail_socket.h"

#include <Poco/Net/NetException.h>
#include <Poco/Net/SSLException.h>
#include <Poco/Net/SecureStreamSocket.h>
#include <Poco/Net/SocketAddress.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <mutex>

#include "connectors/email/poco_socket.h"
#include "connectors/sdk/address_book.h"

namespace signalbox::email {
namespace {

using Poco::Net::Context;
using Poco::Net::SecureStreamSocket;
using Poco::Net::StreamSocket;

Error unavailable(const std::string& what, const std::string& why) {
    return {ErrorKind::Unavailable, what + ": " + why, {}, "connection"};
}

Context::Ptr makeContext(const std::string& ca_file) {
    Context::Params params;
    params.verificationMode = Context::VERIFY_STRICT;
    params.loadDefaultCAs = true;
    params.caLocation = ca_file;
    Context::Ptr context = new Context(Context::TLS_CLIENT_USE, params);
    context->requireMinimumProtocol(Context::PROTO_TLSV1_2);
    context->enableExtendedCertificateVerification(true);
    return context;
}

// Loading the system's authorities takes tens of milliseconds, and they are the same for all accounts.
Context::Ptr contextFor(const std::string& ca_file) {
    static std::mutex mutex;
    static Context::Ptr common;
    if (!ca_file.empty()) return makeContext(ca_file);
    std::lock_guard lock(mutex);
    if (common.isNull()) common = makeContext("");
    return common;
}

Error tlsError(const std::string& host, const Poco::Exception& failure) {
    const bool is_certificate =
        dynamic_cast<const Poco::Net::CertificateValidationException*>(&failure) != nullptr ||
        failure.displayText().find("certificate") != std::string::npos;
    return {is_certificate ? ErrorKind::Rejected : ErrorKind::Unavailable,
            "tls to " + host + ": " + failure.displayText(),
            {},
            is_certificate ? "certificate" : "tls"};
}

Poco::Timespan span(std::chrono::seconds length) {
    return Poco::Timespan(length.count(), 0);
}

// Wakes whoever waits for the socket, in connect, read or write, as if the other side had gone.
auto cutOff(const StreamSocket& socket) {
    return [fd = socket.impl()->sockfd()] { ::shutdown(fd, SHUT_RDWR); };
}

Result<StreamSocket> connect(const Server& server, const SocketOptions& options,
                             const std::stop_token& stop) {
    Url url;
    url.is_tls = server.security == Security::Tls;
    url.host = server.host;
    url.port = server.port;
    const auto addresses = resolve(url, options.policy);
    const std::string where = server.host + ":" + std::to_string(server.port);
    if (!addresses) return withContext("connect to " + where, addresses.error());
    std::string why = "no address";
    for (const sockaddr_storage& address : *addresses) {
        const auto length = address.ss_family == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6);
        if (stop.stop_requested()) return unavailable("connect to " + where, "stopped");
        try {
            StreamSocket socket(address.ss_family == AF_INET ? Poco::Net::SocketAddress::IPv4
                                                             : Poco::Net::SocketAddress::IPv6);
            const std::stop_callback guard(stop, cutOff(socket));
            socket.connect(Poco::Net::SocketAddress(reinterpret_cast<const sockaddr*>(&address), length),
                           span(options.timeout));
            socket.setReceiveTimeout(span(options.timeout));
            socket.setSendTimeout(span(options.timeout));
            socket.setNoDelay(true);
            socket.setKeepAlive(true);
            return socket;
        } catch (const Poco::Exception& failure) {
            why = failure.displayText();
        }
    }
    return unavailable("connect to " + where, why);
}

}  // namespace

Result<std::unique_ptr<MailSocket>> MailSocket::open(const Server& server, const SocketOptions& options,
                                                     const std::stop_token& stop) {
    auto socket = connect(server, options, stop);
    if (!socket) return socket.error();
    auto impl = std::make_unique<Impl>();
    impl->socket = *socket;
    impl->host = server.host;
    impl->timeout = options.timeout;
    try {
        if (server.security != Security::None) impl->context = contextFor(options.ca_file);
    } catch (const Poco::Exception& failure) {
        return Error{ErrorKind::Invalid, "ca_file: " + failure.displayText(), {}, "config"};
    }
    auto opened = std::make_unique<MailSocket>(std::move(impl));
    if (server.security != Security::Tls) return opened;
    const auto guard = opened->interruptOn(stop);
    if (auto shaken = opened->startTls(); !shaken) return shaken.error();
    return opened;
}

MailSocket::MailSocket(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

MailSocket::~MailSocket() {
    close();
}

MailSocket::Interruption MailSocket::interruptOn(const std::stop_token& stop) {
    return std::make_unique<std::stop_callback<std::function<void()>>>(stop, cutOff(impl_->socket));
}

void MailSocket::setTimeout(std::chrono::seconds timeout) {
    try {
        impl_->socket.setReceiveTimeout(span(timeout));
    } catch (const Poco::Exception&) {  // it is gone, as the next read will tell
    }
}

Status MailSocket::startTls() {
    try {
        auto secure = SecureStreamSocket::attach(impl_->socket, impl_->host, impl_->context);
        secure.completeHandshake();
        secure.verifyPeerCertificate(impl_->host);
        impl_->socket = secure;
        return Done{};
    } catch (const Poco::Exception& failure) {
        return tlsError(impl_->host, failure);
    }
}

Result<std::size_t> MailSocket::read(char* into, std::size_t size) {
    try {
        const int count = impl_->socket.receiveBytes(into, static_cast<int>(size));
        return static_cast<std::size_t>(std::max(count, 0));
    } catch (const Poco::TimeoutException&) {
        return unavailable("read from " + impl_->host,
                           "no answer within " + std::to_string(impl_->timeout.count()) + " s");
    } catch (const Poco::Exception& failure) {
        return unavailable("read from " + impl_->host, failure.displayText());
    }
}

Status MailSocket::write(std::string_view bytes) {
    try {
        while (!bytes.empty()) {
            const int count = impl_->socket.sendBytes(bytes.data(), static_cast<int>(bytes.size()));
            if (count <= 0) return unavailable("write to " + impl_->host, "the connection is closed");
            bytes.remove_prefix(static_cast<std::size_t>(count));
        }
        return Done{};
    } catch (const Poco::Exception& failure) {
        return unavailable("write to " + impl_->host, failure.displayText());
    }
}

bool MailSocket::waitForNews(std::chrono::milliseconds at_most, const std::stop_token& stop) {
    if (impl_->socket.available() > 0) return true;  // decrypted already
    const int bell = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (bell < 0) return true;
    bool is_news = false;
    {
        const std::stop_callback ring(stop, [bell] {
            const std::uint64_t one = 1;
            [[maybe_unused]] const auto written = ::write(bell, &one, sizeof one);
        });
        pollfd watched[] = {{impl_->socket.impl()->sockfd(), POLLIN, 0}, {bell, POLLIN, 0}};
        const int ready = ::poll(watched, 2, static_cast<int>(at_most.count()));
        is_news = ready > 0 && watched[0].revents != 0;
    }
    ::close(bell);
    return is_news;
}

void MailSocket::close() {
    try {
        impl_->socket.close();
    } catch (const Poco::Exception&) {  // it is gone already
    }
}

}  // namespace signalbox::email

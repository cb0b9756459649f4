#include "connectors/sdk/connection.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <stdexcept>

namespace signalbox {
namespace {

Error unavailable(std::string message, std::string code = {}) {
    return {ErrorKind::Unavailable, std::move(message), {}, std::move(code)};
}

Error systemError(const char* what, int number) {
    return unavailable(std::string(what) + ": " + std::strerror(number));
}

socklen_t sizeOf(const sockaddr& address) {
    return address.sa_family == AF_INET6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in);
}

bool isNumeric(const std::string& host) {
    in6_addr ignored;
    return inet_pton(AF_INET, host.c_str(), &ignored) == 1 ||
           inet_pton(AF_INET6, host.c_str(), &ignored) == 1;
}

void expectCertificateFor(const Url& url, ssl_st* tls) {
    X509_VERIFY_PARAM* expected = SSL_get0_param(tls);
    X509_VERIFY_PARAM_set_hostflags(expected, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    if (isNumeric(url.host)) {
        X509_VERIFY_PARAM_set1_ip_asc(expected, url.host.c_str());
        return;
    }
    X509_VERIFY_PARAM_set1_host(expected, url.host.c_str(), 0);
    SSL_set_tlsext_host_name(tls, url.host.c_str());
}

std::string tlsFault(ssl_st* tls) {
    const long verdict = SSL_get_verify_result(tls);
    if (verdict != X509_V_OK) return std::string("certificate: ") + X509_verify_cert_error_string(verdict);
    const char* reason = ERR_reason_error_string(ERR_get_error());
    return reason == nullptr ? "connection closed" : reason;
}

}  // namespace

TlsSettings::~TlsSettings() {
    SSL_CTX_free(context_);
}

ssl_ctx_st* TlsSettings::get() const {
    std::call_once(is_made_, [this] {
        SSL_CTX* context = SSL_CTX_new(TLS_client_method());
        if (context == nullptr) throw std::runtime_error("tls: no client context");
        SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
        SSL_CTX_set_default_verify_paths(context);
        SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
        SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
        // OpenSSL writes with write(2), which would end the process when the other side has gone.
        std::signal(SIGPIPE, SIG_IGN);
        context_ = context;
    });
    return context_;
}

Result<std::unique_ptr<Connection>> Connection::open(const Url& url, const sockaddr& address,
                                                     const TlsSettings& tls, const HttpOptions& options,
                                                     const IoWait& wait) {
    const int fd = ::socket(address.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) return systemError("socket", errno);
    std::unique_ptr<Connection> connection(new Connection(fd));
    if (auto done = connection->connect(address, options, wait); !done) return done.error();
    if (!url.is_tls) return connection;
    if (auto done = connection->shakeHands(url, tls, options, wait); !done)
        return withContext("tls", done.error());
    return connection;
}

Connection::~Connection() {
    if (tls_ != nullptr) SSL_free(tls_);
    ::close(fd_);
}

Status Connection::connect(const sockaddr& address, const HttpOptions& options, const IoWait& wait) {
    const int yes = 1;
    ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    if (::connect(fd_, &address, sizeOf(address)) == 0) return Done{};
    if (errno != EINPROGRESS) return systemError("connect", errno);
    if (auto ready = wait.until(fd_, POLLOUT, options.connect_timeout); !ready)
        return withContext("connect", ready.error());
    int fault = 0;
    socklen_t size = sizeof fault;
    if (::getsockopt(fd_, SOL_SOCKET, SO_ERROR, &fault, &size) != 0) fault = errno;
    if (fault != 0) return systemError("connect", fault);
    return Done{};
}

Status Connection::shakeHands(const Url& url, const TlsSettings& tls, const HttpOptions& options,
                              const IoWait& wait) {
    tls_ = SSL_new(tls.get());
    if (tls_ == nullptr || SSL_set_fd(tls_, fd_) != 1) return unavailable("no session");
    expectCertificateFor(url, tls_);
    while (true) {
        ERR_clear_error();
        const int outcome = SSL_connect(tls_);
        if (outcome == 1) return Done{};
        if (auto ready = waitForTls(outcome, options.connect_timeout + options.connect_timeout, wait); !ready)
            return ready;
    }
}

Status Connection::waitForTls(int outcome, std::chrono::milliseconds at_most, const IoWait& wait) {
    switch (SSL_get_error(tls_, outcome)) {
        case SSL_ERROR_WANT_READ:
            return wait.until(fd_, POLLIN, at_most);
        case SSL_ERROR_WANT_WRITE:
            return wait.until(fd_, POLLOUT, at_most);
        default:
            return unavailable(tlsFault(tls_));
    }
}

Status Connection::write(std::string_view bytes, const HttpOptions& options, const IoWait& wait,
                         std::size_t& written) {
    while (!bytes.empty()) {
        std::size_t taken = 0;
        if (tls_ != nullptr) {
            ERR_clear_error();
            const int outcome = SSL_write_ex(tls_, bytes.data(), bytes.size(), &taken);
            if (outcome != 1) {
                if (auto ready = waitForTls(outcome, options.read_timeout, wait); !ready) return ready;
                continue;
            }
        } else {
            const auto outcome = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (outcome < 0 && errno != EAGAIN && errno != EINTR) return systemError("write", errno);
            if (outcome < 0) {
                if (auto ready = wait.until(fd_, POLLOUT, options.read_timeout); !ready) return ready;
                continue;
            }
            taken = static_cast<std::size_t>(outcome);
        }
        written += taken;
        bytes.remove_prefix(taken);
    }
    return Done{};
}

Result<std::size_t> Connection::read(char* into, std::size_t size, const HttpOptions& options,
                                     const IoWait& wait) {
    while (true) {
        if (tls_ != nullptr) {
            std::size_t taken = 0;
            ERR_clear_error();
            const int outcome = SSL_read_ex(tls_, into, size, &taken);
            if (outcome == 1) return taken;
            if (SSL_get_error(tls_, outcome) == SSL_ERROR_ZERO_RETURN) return std::size_t{0};
            if (auto ready = waitForTls(outcome, options.read_timeout, wait); !ready) return ready.error();
            continue;
        }
        const auto outcome = ::recv(fd_, into, size, 0);
        if (outcome >= 0) return static_cast<std::size_t>(outcome);
        if (errno != EAGAIN && errno != EINTR) return systemError("read", errno);
        if (auto ready = wait.until(fd_, POLLIN, options.read_timeout); !ready) return ready.error();
    }
}

bool Connection::isQuiet() const {
    pollfd watched{fd_, POLLIN, 0};
    return ::poll(&watched, 1, 0) == 0 && (tls_ == nullptr || SSL_pending(tls_) == 0);
}

}  // namespace signalbox

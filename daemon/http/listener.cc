#include "daemon/http/listener.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <future>

#include "base/log.h"
#include "daemon/http/connection.h"
#include "daemon/http/response_bytes.h"

namespace signalbox::http {
namespace {

using asio::ip::tcp;

constexpr int kBacklog = 4096;
constexpr std::chrono::milliseconds kPause{100};

asio::ip::address plain(const asio::ip::address& address) {
    if (address.is_v6() && address.to_v6().is_v4_mapped())
        return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
    return address;
}

Admission::Source sourceOf(const asio::ip::address& address) {
    Admission::Source source{};
    if (address.is_v4()) {
        const auto bytes = address.to_v4().to_bytes();
        // No IPv6 network begins so: its first byte is never 0 with a mapped address unwrapped.
        std::copy(bytes.begin(), bytes.end(), source.begin() + 4);
        return source;
    }
    const auto bytes = address.to_v6().to_bytes();
    std::copy_n(bytes.begin(), source.size(), source.begin());
    return source;
}

}  // namespace

Listener::Listener(const std::vector<std::unique_ptr<IoThread>>& threads, Admission& admission,
                   const TlsCertificate& tls)
    : threads_(threads),
      admission_(admission),
      tls_(tls),
      acceptor_(threads.front()->context()),
      pause_(threads.front()->context()) {}

Status Listener::bind(const std::string& host, std::uint16_t port) {
    const auto failure = [&](const ErrorCode& error) {
        return Error{ErrorKind::Unavailable,
                     "cannot listen on " + host + ":" + std::to_string(port) + ": " + error.message()};
    };
    ErrorCode error;
    tcp::resolver resolver(threads_.front()->context());
    const auto found = resolver.resolve(host, std::to_string(port), tcp::resolver::passive, error);
    if (error) return failure(error);
    const tcp::endpoint endpoint = *found.begin();
    acceptor_.open(endpoint.protocol(), error);
    if (!error) acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error) acceptor_.bind(endpoint, error);
    if (!error) acceptor_.listen(kBacklog, error);
    if (error) return failure(error);
    port_ = acceptor_.local_endpoint().port();
    return Done{};
}

void Listener::start() {
    asio::post(acceptor_.get_executor(), [this] { acceptNext(); });
}

void Listener::acceptNext() {
    auto& thread = *threads_[turn_++ % threads_.size()];
    acceptor_.async_accept(thread.context().get_executor(),
                           [this, &thread](const ErrorCode& error, PlainSocket socket) {
                               if (!acceptor_.is_open()) return;
                               if (error) return pause(error);
                               is_failing_ = false;
                               onAccepted(thread, std::move(socket));
                               acceptNext();
                           });
}

// Out of file descriptors or memory: the clients wait in the backlog meanwhile.
void Listener::pause(const ErrorCode& reason) {
    if (!std::exchange(is_failing_, true)) log::warn("http_accept_failed", {{"reason", reason.message()}});
    pause_.expires_after(kPause);
    pause_.async_wait([this](const ErrorCode& error) {
        if (!error && acceptor_.is_open()) acceptNext();
    });
}

void Listener::onAccepted(IoThread& thread, PlainSocket socket) {
    ErrorCode error;
    const auto address = plain(socket.remote_endpoint(error).address());
    if (error) return;  // gone already
    socket.set_option(tcp::no_delay(true), error);
    socket.non_blocking(true, error);
    if (error) return;
    accepted_.add(1);
    auto place = admission_.admit(sourceOf(address));
    if (!place) return refuse(socket);
    const auto tls = tls_.current();
    asio::post(thread.context(), [&thread, tls, socket = std::move(socket), place = std::move(*place),
                                  name = address.to_string()]() mutable {
        if (!tls) return beginConnection(thread, std::move(socket), std::move(place), std::move(name));
        beginConnection(thread, TlsSocket(std::move(socket), *tls), std::move(place), std::move(name));
    });
}

void Listener::refuse(PlainSocket& socket) {
    refused_.add(1);
    if (tls_.isConfigured()) return;
    auto response = problem(503, "too_many_connections", "too many connections are open");
    response.headers.add("retry-after", "5");
    std::string bytes;
    appendHead(bytes, response, {.date = httpDate(SystemClock().now()), .keeps_alive = false});
    bytes.append(response.body);
    // One try without waiting: who is refused gets no more of our time.
    ErrorCode ignored;
    socket.write_some(asio::buffer(bytes), ignored);
    socket.shutdown(PlainSocket::shutdown_both, ignored);
}

void Listener::close() {
    std::promise<void> closed;
    asio::post(acceptor_.get_executor(), [&] {
        ErrorCode ignored;
        acceptor_.close(ignored);
        pause_.cancel();
        closed.set_value();
    });
    closed.get_future().wait();
}

}  // namespace signalbox::http

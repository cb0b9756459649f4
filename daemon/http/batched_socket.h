// A socket between Beast's WebSocket and the network that sends frames of ours in front of Beast's own next
// write, so that many messages leave in one call to the system. Beast has one write at work at a time and
// begins each at the border of a frame: whole frames in front of one stay in order. On the connection's
// thread only.
#pragma once

#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <boost/beast/websocket/teardown.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "daemon/http/sockets.h"

namespace signalbox::http {

// A text message in one frame as a server sends it: unmasked (RFC 6455, 5.2).
inline void appendTextFrame(std::string& out, std::string_view text) {
    out += static_cast<char>(0x81);
    const int bytes = text.size() < 126 ? 0 : text.size() < 65'536 ? 2 : 8;
    out += static_cast<char>(bytes == 0 ? text.size() : bytes == 2 ? 126 : 127);
    for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) out += static_cast<char>(text.size() >> shift);
    out += text;
}

template <class Socket>
class BatchedSocket {
public:
    using executor_type = typename Socket::executor_type;
    using next_layer_type = Socket;

    explicit BatchedSocket(Socket socket) : socket_(std::move(socket)) {}

    executor_type get_executor() { return socket_.get_executor(); }
    Socket& next_layer() { return socket_; }
    const Socket& next_layer() const { return socket_; }

    // Whole frames for the next write. Not before that one has ended may more be put.
    void putInFront(std::string frames) { front_ = std::move(frames); }

    template <class Buffers>
    std::size_t read_some(const Buffers& buffers, ErrorCode& error) {
        return socket_.read_some(buffers, error);
    }
    template <class Buffers>
    std::size_t write_some(const Buffers& buffers, ErrorCode& error) {
        return socket_.write_some(buffers, error);
    }
    template <class Buffers, class Handler>
    auto async_read_some(const Buffers& buffers, Handler&& handler) {
        return socket_.async_read_some(buffers, std::forward<Handler>(handler));
    }
    template <class Buffers, class Handler>
    void async_write_some(const Buffers& buffers, Handler&& handler) {
        if (front_.empty()) {
            socket_.async_write_some(buffers, std::forward<Handler>(handler));
            return;
        }
        sending_ = std::exchange(front_, {});
        std::vector<asio::const_buffer> all{asio::buffer(sending_)};
        for (auto at = asio::buffer_sequence_begin(buffers); at != asio::buffer_sequence_end(buffers); ++at)
            all.emplace_back(*at);
        // Beast hears of its own bytes only.
        asio::async_write(
            socket_, all,
            [this, done = std::forward<Handler>(handler)](ErrorCode error, std::size_t bytes) mutable {
                const std::size_t front = sending_.size();
                sending_ = std::string();
                done(error, bytes > front ? bytes - front : 0);
            });
    }

private:
    Socket socket_;
    std::string front_, sending_;
};

// What Beast calls when a WebSocket ends.
template <class Socket>
void teardown(boost::beast::role_type role, BatchedSocket<Socket>& socket, ErrorCode& error) {
    using boost::beast::websocket::teardown;
    teardown(role, socket.next_layer(), error);
}
template <class Socket, class Handler>
void async_teardown(boost::beast::role_type role, BatchedSocket<Socket>& socket, Handler&& handler) {
    using boost::beast::websocket::async_teardown;
    async_teardown(role, socket.next_layer(), std::forward<Handler>(handler));
}

}  // namespace signalbox::http

// The socket types of this folder: bound to io_context itself, which spares the type-erased executor.
#pragma once

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>

namespace signalbox::http {

namespace asio = boost::asio;
using ErrorCode = boost::system::error_code;

using PlainSocket = asio::basic_stream_socket<asio::ip::tcp, asio::io_context::executor_type>;
using TlsSocket = asio::ssl::stream<PlainSocket>;

inline PlainSocket& tcpOf(PlainSocket& socket) {
    return socket;
}
inline PlainSocket& tcpOf(TlsSocket& socket) {
    return socket.next_layer();
}

}  // namespace signalbox::http

#include "tests/support/event_reader.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>

namespace signalbox {

EventReader::EventReader(int port, const std::string& token, const std::string& target) {
    socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
        throw std::runtime_error("feed: cannot connect");
    }
    const std::string request = "GET " + target + " HTTP/1.1\r\nhost: x\r\naccept: text/event-stream\r\n" +
                                "authorization: Bearer " + token + "\r\n\r\n";
    if (::send(socket_, request.data(), request.size(), MSG_NOSIGNAL) < 0)
        throw std::runtime_error("feed: cannot ask");
    while (buffer_.find("\r\n\r\n") == std::string::npos) {
        if (!readMore(10'000)) throw std::runtime_error("feed: no answer");
    }
    if (buffer_.substr(9, 3) != "200") throw std::runtime_error("feed: " + buffer_);
    buffer_.erase(0, buffer_.find("\r\n\r\n") + 4);
}

EventReader::~EventReader() {
    close(socket_);
}

bool EventReader::readMore(int timeout_ms) {
    pollfd ready{socket_, POLLIN, 0};
    if (poll(&ready, 1, timeout_ms) <= 0) return false;
    char bytes[65536];
    const ssize_t count = recv(socket_, bytes, sizeof bytes, 0);
    if (count <= 0) return false;
    buffer_.append(bytes, static_cast<std::size_t>(count));
    return true;
}

std::optional<Json> EventReader::next(int timeout_ms) {
    while (true) {
        // Chunk sizes and ids stand on lines of their own; only data lines matter here.
        const auto data = buffer_.find("data: ");
        const auto end = data == std::string::npos ? data : buffer_.find('\n', data);
        if (end != std::string::npos) {
            auto json = parseJson(std::string_view(buffer_).substr(data + 6, end - data - 6));
            buffer_.erase(0, end + 1);
            if (!json) throw std::runtime_error("feed: " + json.error().message);
            return std::move(*json);
        }
        if (!readMore(timeout_ms)) return std::nullopt;
    }
}

}  // namespace signalbox

#include "tests/support/raw_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <stdexcept>

namespace signalbox::testing {
namespace {

constexpr timeval kPatience{10, 0};

[[noreturn]] void fail(const std::string& what) {
    throw std::runtime_error("raw client: " + what);
}

}  // namespace

RawClient::RawClient(std::uint16_t port, int receive_buffer) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &kPatience, sizeof kPatience);
    ::setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &kPatience, sizeof kPatience);
    if (receive_buffer > 0)
        ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
        ::close(socket_);
        fail("cannot connect to port " + std::to_string(port));
    }
}

RawClient::~RawClient() {
    ::close(socket_);
}

void RawClient::send(std::string_view bytes) {
    while (!bytes.empty()) {
        const auto n = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (n <= 0) fail("the server does not take what is sent");
        bytes.remove_prefix(static_cast<std::size_t>(n));
    }
}

void RawClient::trySend(std::string_view bytes) {
    while (!bytes.empty()) {
        const auto n = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (n <= 0) return;
        bytes.remove_prefix(static_cast<std::size_t>(n));
    }
}

void RawClient::finishSending() {
    ::shutdown(socket_, SHUT_WR);
}

bool RawClient::receive() {
    char bytes[16 * 1024];
    const auto n = ::recv(socket_, bytes, sizeof bytes, 0);
    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) fail("nothing came for ten seconds");
    if (n <= 0) return false;
    buffer_.append(bytes, static_cast<std::size_t>(n));
    return true;
}

std::string RawClient::readUntil(std::string_view end) {
    auto found = buffer_.find(end);
    while (found == std::string::npos) {
        if (!receive()) fail("the server closed after: " + buffer_);
        found = buffer_.find(end);
    }
    auto text = buffer_.substr(0, found + end.size());
    buffer_.erase(0, text.size());
    return text;
}

std::string RawClient::readExactly(std::size_t bytes) {
    while (buffer_.size() < bytes) {
        if (!receive()) fail("the server closed after: " + buffer_);
    }
    auto text = buffer_.substr(0, bytes);
    buffer_.erase(0, bytes);
    return text;
}

std::string RawClient::readToEnd() {
    while (receive()) {
    }
    return std::move(buffer_);
}

HttpResponse RawClient::readResponse(bool is_head_request) {
    const auto head = readUntil("\r\n\r\n");
    HttpResponse response;
    response.status = statusOf(head);
    for (auto start = head.find("\r\n") + 2; start + 2 < head.size();) {
        const auto end = head.find("\r\n", start);
        const auto colon = head.find(": ", start);
        response.headers.add(head.substr(start, colon - start), head.substr(colon + 2, end - colon - 2));
        start = end + 2;
    }
    const auto length = std::string(response.headers.get("content-length", "0"));
    if (!is_head_request) response.body = readExactly(std::strtoull(length.c_str(), nullptr, 10));
    return response;
}

std::string exchange(std::uint16_t port, std::string_view bytes) {
    RawClient client(port);
    client.trySend(bytes);
    return client.readToEnd();
}

int statusOf(std::string_view bytes) {
    return bytes.starts_with("HTTP/1.1 ") ? std::atoi(std::string(bytes.substr(9, 3)).c_str()) : 0;
}

}  // namespace signalbox::testing

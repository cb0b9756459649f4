#include "tests/support/http_call.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>

namespace signalbox {

bool HttpCall::connect() {
    if (socket_ >= 0) return true;
    socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port_));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const timeval patience{30, 0};
    setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    const int on = 1;
    setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) return true;
    disconnect();
    return false;
}

void HttpCall::disconnect() {
    if (socket_ >= 0) close(socket_);
    socket_ = -1;
    buffer_.clear();
}

std::optional<HttpResponse> HttpCall::send(HttpRequest request) {
    if (!connect()) return std::nullopt;
    std::string bytes = request.method + ' ' + request.target + " HTTP/1.1\r\nhost: 127.0.0.1\r\n";
    for (const auto& [name, value] : request.headers) bytes += name + ": " + value + "\r\n";
    if (!token_.empty()) bytes += "authorization: Bearer " + token_ + "\r\n";
    bytes += "content-length: " + std::to_string(request.body.size()) + "\r\n\r\n" + request.body;
    for (std::size_t sent = 0; sent < bytes.size();) {
        const ssize_t count = ::send(socket_, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
        if (count <= 0) {
            disconnect();
            return std::nullopt;
        }
        sent += static_cast<std::size_t>(count);
    }
    auto response = readResponse();
    if (!response || equalsIgnoringCase(response->headers.get("connection"), "close")) disconnect();
    return response;
}

std::optional<HttpResponse> HttpCall::readResponse() {
    const auto more = [&] {
        char bytes[16384];
        const ssize_t count = recv(socket_, bytes, sizeof bytes, 0);
        if (count <= 0) return false;
        buffer_.append(bytes, static_cast<std::size_t>(count));
        return true;
    };
    std::size_t end = 0;
    while ((end = buffer_.find("\r\n\r\n")) == std::string::npos) {
        if (!more()) return std::nullopt;
    }
    HttpResponse response;
    response.status = std::stoi(buffer_.substr(9, 3));
    std::size_t at = buffer_.find("\r\n") + 2;
    while (at < end + 2) {
        const std::size_t line_end = buffer_.find("\r\n", at);
        const std::size_t colon = buffer_.find(':', at);
        std::size_t value = colon + 1;
        while (buffer_[value] == ' ') ++value;
        response.headers.add(buffer_.substr(at, colon - at), buffer_.substr(value, line_end - value));
        at = line_end + 2;
    }
    const auto length_text = response.headers.get("content-length", "0");
    const std::size_t length = std::stoul(std::string(length_text));
    while (buffer_.size() < end + 4 + length) {
        if (!more()) return std::nullopt;
    }
    response.body = buffer_.substr(end + 4, length);
    buffer_.erase(0, end + 4 + length);
    return response;
}

HttpResponse HttpCall::get(const std::string& target) {
    auto response = send({"GET", target, {}, "", ""});
    if (!response) throw std::runtime_error("GET " + target + ": no answer");
    return *response;
}

HttpResponse HttpCall::post(const std::string& target, const Json& body, Headers headers) {
    headers.add("content-type", "application/json");
    auto response = send({"POST", target, headers, dumpJson(body), ""});
    if (!response) throw std::runtime_error("POST " + target + ": no answer");
    return *response;
}

HttpResponse HttpCall::put(const std::string& target, const std::string& body) {
    auto response = send({"PUT", target, {{"content-type", "application/json"}}, body, ""});
    if (!response) throw std::runtime_error("PUT " + target + ": no answer");
    return *response;
}

Json HttpCall::json(const std::string& target) {
    const auto response = get(target);
    if (response.status != 200) throw std::runtime_error("GET " + target + ": " + response.body);
    return *parseJson(response.body);
}

}  // namespace signalbox

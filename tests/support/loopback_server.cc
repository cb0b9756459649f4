#include "tests/support/loopback_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <sstream>
#include <stdexcept>

namespace signalbox {
namespace {

std::size_t contentLength(std::string_view head) {
    while (!head.empty()) {
        const auto end = std::min(head.find("\r\n"), head.size());
        const auto line = head.substr(0, end);
        const auto colon = line.find(':');
        if (colon != std::string_view::npos && equalsIgnoringCase(line.substr(0, colon), "content-length"))
            return std::strtoul(std::string(line.substr(colon + 1)).c_str(), nullptr, 10);
        head.remove_prefix(std::min(end + 2, head.size()));
    }
    return 0;
}

}  // namespace

std::string LoopbackServer::Peer::readRequest() {
    char buffer[4096];
    while (true) {
        const auto end = pending_.find("\r\n\r\n");
        if (end != std::string::npos) {
            const std::size_t size = end + 4 + contentLength(std::string_view(pending_).substr(0, end));
            if (pending_.size() >= size) {
                std::string request = pending_.substr(0, size);
                pending_.erase(0, size);
                return request;
            }
        }
        const auto got = ::recv(fd_, buffer, sizeof buffer, 0);
        if (got <= 0) return {};
        pending_.append(buffer, static_cast<std::size_t>(got));
    }
}

bool LoopbackServer::Peer::write(std::string_view bytes) {
    while (!bytes.empty()) {
        const auto sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
}

void LoopbackServer::Peer::reset() {
    const linger at_once{1, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

LoopbackServer::LoopbackServer(std::function<void(Peer&)> serve) : serve_(std::move(serve)) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* plain = reinterpret_cast<sockaddr*>(&address);
    if (::bind(listener_, plain, size) != 0 || ::listen(listener_, 64) != 0 ||
        ::getsockname(listener_, plain, &size) != 0)
        throw std::runtime_error("loopback server: cannot listen");
    port_ = ntohs(address.sin_port);
    acceptor_ = std::thread([this] { accept(); });
}

LoopbackServer::~LoopbackServer() {
    ::shutdown(listener_, SHUT_RDWR);
    acceptor_.join();
    ::close(listener_);
    {
        std::lock_guard lock(mutex_);
        for (const int fd : open_) ::shutdown(fd, SHUT_RDWR);
    }
    for (auto& peer : peers_) peer.join();
}

std::string LoopbackServer::url(std::string_view path) const {
    return "http://127.0.0.1:" + std::to_string(port_) + std::string(path);
}

void LoopbackServer::accept() {
    while (true) {
        const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        if (fd < 0) return;
        ++accepted_;
        std::lock_guard lock(mutex_);
        open_.push_back(fd);
        peers_.emplace_back([this, fd] { serveOne(fd); });
    }
}

void LoopbackServer::serveOne(int fd) {
    Peer peer(fd);
    serve_(peer);
    std::lock_guard lock(mutex_);
    ::close(fd);
    std::erase(open_, fd);
    closed_.notify_all();
}

void LoopbackServer::waitUntilClosed() {
    std::unique_lock lock(mutex_);
    closed_.wait(lock, [&] { return open_.empty(); });
}

std::string okResponse(std::string_view body) {
    return toBytes({200, {}, std::string(body)});
}

HttpRequest parseRequest(const std::string& bytes) {
    HttpRequest request;
    std::istringstream lines(bytes);
    std::string line;
    lines >> request.method >> request.target;
    std::getline(lines, line);
    while (std::getline(lines, line) && line != "\r") {
        const auto colon = line.find(": ");
        if (colon == std::string::npos) continue;
        request.headers.add(line.substr(0, colon), line.substr(colon + 2, line.size() - colon - 3));
    }
    request.body = bytes.substr(bytes.find("\r\n\r\n") + 4);
    return request;
}

std::string toBytes(const HttpResponse& response) {
    std::string out =
        "HTTP/1.1 " + std::to_string(response.status) + (response.status == 200 ? " OK" : " Other");
    for (const auto& [name, value] : response.headers) out += "\r\n" + name + ": " + value;
    return out + "\r\nContent-Length: " + std::to_string(response.body.size()) + "\r\n\r\n" + response.body;
}

}  // namespace signalbox

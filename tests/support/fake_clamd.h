// A virus scanner on loopback that speaks clamd's INSTREAM: it finds what holds «EICAR», and can be away.
// Thread-safe.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <thread>

namespace signalbox::testing {

class FakeClamd {
public:
    FakeClamd() : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t length = sizeof address;
        auto* const any = reinterpret_cast<sockaddr*>(&address);
        if (::bind(listener_, any, length) != 0 || ::listen(listener_, 16) != 0 ||
            ::getsockname(listener_, any, &length) != 0)
            throw std::runtime_error("fake clamd: no port");
        port_ = ntohs(address.sin_port);
        thread_ = std::thread([this] { serve(); });
    }
    ~FakeClamd() {
        ::shutdown(listener_, SHUT_RDWR);
        thread_.join();
        ::close(listener_);
    }
    std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
    int scanned() const { return scanned_; }
    void setAway(bool is_away) { is_away_ = is_away; }

private:
    static bool readAll(int fd, void* to, std::size_t size) {
        return size == 0 || ::recv(fd, to, size, MSG_WAITALL) == static_cast<ssize_t>(size);
    }
    void serve() {
        while (true) {
            const int fd = ::accept(listener_, nullptr, nullptr);
            if (fd < 0) return;
            if (!is_away_) answer(fd);
            ::close(fd);
        }
    }
    void answer(int fd) {
        char command[10];
        std::string all;
        std::uint32_t size = 0;
        if (!readAll(fd, command, sizeof command)) return;
        while (readAll(fd, &size, sizeof size) && size != 0) {
            std::string piece(ntohl(size), '\0');
            if (!readAll(fd, piece.data(), piece.size())) return;
            all += piece;
        }
        ++scanned_;
        const bool is_bad = all.find("EICAR") != std::string::npos;
        const std::string said = is_bad ? "stream: Eicar-Test-Signature FOUND" : "stream: OK";
        (void)!::send(fd, said.c_str(), said.size() + 1, MSG_NOSIGNAL);
    }

    const int listener_;
    std::uint16_t port_ = 0;
    std::atomic<int> scanned_{0};
    std::atomic<bool> is_away_{false};
    std::thread thread_;
};

}  // namespace signalbox::testing

#include "daemon/scan/clamd.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <system_error>

namespace signalbox {
namespace {

constexpr std::size_t kPiece = 64 * 1024, kMaxAnswer = 4 * 1024;

Error cannotSay(const std::string& why) {
    return {ErrorKind::Unavailable, "virus scan: " + why, {}, "scan_unavailable"};
}

std::string lastError() {
    return std::generic_category().message(errno);
}

class Socket {
public:
    explicit Socket(int family) : fd_(::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0)) {}
    ~Socket() {
        if (fd_ >= 0) ::close(fd_);
    }
    Socket(const Socket&) = delete;
    Socket& operator=(const Socket&) = delete;
    int get() const { return fd_; }

private:
    const int fd_;
};

struct Address {
    sockaddr_storage storage{};
    socklen_t length = 0;
    int family = AF_UNIX;
};

class Clamd : public FileScanner {
public:
    Clamd(Address address, std::chrono::seconds timeout) : address_(address), timeout_(timeout) {}

    Result<std::string> scan(std::string_view bytes) override {
        const Socket socket(address_.family);
        const timeval limit{static_cast<time_t>(timeout_.count()), 0};
        ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
        ::setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
        if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address_.storage), address_.length) !=
            0)
            return cannotSay("clamd is not reachable: " + lastError());
        // clamd may answer and hang up in the middle (its StreamMaxLength): then its answer says why.
        const bool is_sent = stream(socket.get(), bytes);
        const auto answer = readAnswer(socket.get());
        if (!answer) return is_sent ? answer.error() : cannotSay("clamd hung up");
        return verdict(*answer);
    }

private:
    static bool send(int fd, std::string_view bytes) {
        while (!bytes.empty()) {
            const auto n = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (n < 0 && errno == EINTR) continue;
            if (n <= 0) return false;
            bytes.remove_prefix(static_cast<std::size_t>(n));
        }
        return true;
    }

    static bool stream(int fd, std::string_view bytes) {
        if (!send(fd, std::string_view("zINSTREAM\0", 10))) return false;
        while (true) {
            const auto piece = bytes.substr(0, kPiece);
            const std::uint32_t length = htonl(static_cast<std::uint32_t>(piece.size()));
            if (!send(fd, {reinterpret_cast<const char*>(&length), sizeof length}) || !send(fd, piece))
                return false;
            if (piece.empty()) return true;
            bytes.remove_prefix(piece.size());
        }
    }

    static Result<std::string> readAnswer(int fd) {
        std::string answer;
        char buffer[512];
        while (answer.size() < kMaxAnswer && answer.find('\0') == std::string::npos) {
            const auto n = ::recv(fd, buffer, sizeof buffer, 0);
            if (n < 0 && errno == EINTR) continue;
            if (n < 0) return cannotSay("no answer from clamd: " + lastError());
            if (n == 0) break;
            answer.append(buffer, static_cast<std::size_t>(n));
        }
        answer.resize(std::min(answer.find('\0'), answer.size()));
        if (answer.empty()) return cannotSay("no answer from clamd");
        return answer;
    }

    // «stream: OK», «stream: NAME FOUND», anything else is an error.
    static Result<std::string> verdict(const std::string& answer) {
        constexpr std::string_view kBegin = "stream: ", kFound = " FOUND";
        if (answer == "stream: OK") return std::string();
        if (answer.starts_with(kBegin) && answer.ends_with(kFound))
            return answer.substr(kBegin.size(), answer.size() - kBegin.size() - kFound.size());
        return cannotSay("clamd says: " + answer.substr(0, 200));
    }

    const Address address_;
    const std::chrono::seconds timeout_;
};

Result<Address> readAddress(const std::string& text) {
    const Error wrong{ErrorKind::Invalid, "files.clamd: unix:/PATH or IP:PORT"};
    Address address;
    if (text.starts_with("unix:")) {
        auto* unix = reinterpret_cast<sockaddr_un*>(&address.storage);
        const std::string path = text.substr(5);
        if (path.empty() || path.size() >= sizeof unix->sun_path) return wrong;
        unix->sun_family = AF_UNIX;
        std::memcpy(unix->sun_path, path.c_str(), path.size() + 1);
        address.length = sizeof(sockaddr_un);
        return address;
    }
    const auto colon = text.rfind(':');
    if (colon == std::string::npos) return wrong;
    auto* inet = reinterpret_cast<sockaddr_in*>(&address.storage);
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(text.data() + colon + 1, text.data() + text.size(), port);
    if (error != std::errc() || end != text.data() + text.size() ||
        ::inet_pton(AF_INET, text.substr(0, colon).c_str(), &inet->sin_addr) != 1)
        return wrong;
    inet->sin_family = address.family = AF_INET;
    inet->sin_port = htons(port);
    address.length = sizeof(sockaddr_in);
    return address;
}

}  // namespace

Result<std::unique_ptr<FileScanner>> makeClamdScanner(const std::string& address,
                                                      std::chrono::seconds timeout) {
    const auto read = readAddress(address);
    if (!read) return read.error();
    return std::unique_ptr<FileScanner>(std::make_unique<Clamd>(*read, timeout));
}

}  // namespace signalbox

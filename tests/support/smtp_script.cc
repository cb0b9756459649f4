#include "tests/support/smtp_script.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>

namespace signalbox {

SmtpScript::SmtpScript(Answers answers)
    : answers_(std::move(answers)), listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    if (::bind(listener_, generic, length) != 0 || ::listen(listener_, 8) != 0 ||
        ::getsockname(listener_, generic, &length) != 0)
        throw std::runtime_error("smtp script: no port");
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
}

SmtpScript::~SmtpScript() {
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
}

std::string SmtpScript::received() const {
    std::lock_guard lock(mutex_);
    return received_;
}

void SmtpScript::serve() {
    for (int fd = ::accept(listener_, nullptr, nullptr); fd >= 0;
         fd = ::accept(listener_, nullptr, nullptr)) {
        talk(fd);
        ::close(fd);
    }
}

std::string SmtpScript::answerTo(const std::string& line) const {
    for (const auto& [command, answer] : answers_) {
        const bool is_whole = command == "." || command == "\r\n";
        if (is_whole ? line == command : line.starts_with(command)) return answer;
    }
    return line.starts_with("DATA") ? "354 go on\r\n" : line.starts_with("QUIT") ? "" : "250 fine\r\n";
}

void SmtpScript::talk(int fd) {
    const auto say = [fd](const std::string& text) {
        return ::send(fd, text.data(), text.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(text.size());
    };
    say("220 test\r\n");
    std::string pending;
    bool is_data = false;
    char bytes[4096];
    for (auto count = ::recv(fd, bytes, sizeof bytes, 0); count > 0;
         count = ::recv(fd, bytes, sizeof bytes, 0)) {
        pending.append(bytes, static_cast<std::size_t>(count));
        {
            std::lock_guard lock(mutex_);
            received_.append(bytes, static_cast<std::size_t>(count));
        }
        for (auto end = pending.find("\r\n"); end != std::string::npos; end = pending.find("\r\n")) {
            std::string line = pending.substr(0, end);
            pending.erase(0, end + 2);
            if (is_data && line != ".") continue;
            if (line.empty()) line = "\r\n";
            std::string answer = answerTo(line);
            if (answer == kHang && !has_hung_.exchange(true)) {
                is_hanging_ = true;
                while (::recv(fd, bytes, sizeof bytes, 0) > 0) {
                }
                is_hanging_ = false;
                return;
            }
            if (answer == kHang) answer = line == "DATA" ? "354 go on\r\n" : "250 fine\r\n";
            if (answer.empty() || !say(answer)) return;
            is_data = answer.starts_with("354");
        }
    }
}

}  // namespace signalbox

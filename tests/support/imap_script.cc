#include "tests/support/imap_script.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>

namespace signalbox {

ImapScript::ImapScript(Answer answer)
    : answer_(std::move(answer)), listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    if (::bind(listener_, generic, length) != 0 || ::listen(listener_, 4) != 0 ||
        ::getsockname(listener_, generic, &length) != 0)
        throw std::runtime_error("imap script: no port");
    port_ = ntohs(address.sin_port);
    accepting_ = std::thread([this] {
        for (int fd = ::accept(listener_, nullptr, nullptr); fd >= 0;
             fd = ::accept(listener_, nullptr, nullptr)) {
            std::lock_guard lock(mutex_);
            open_.push_back(fd);
            serving_.emplace_back([this, fd] { serve(fd); });
        }
    });
}

ImapScript::~ImapScript() {
    ::shutdown(listener_, SHUT_RDWR);
    accepting_.join();
    for (const int fd : open_) ::shutdown(fd, SHUT_RDWR);
    for (std::thread& one : serving_) one.join();
    for (const int fd : open_) ::close(fd);
    ::close(listener_);
}

void ImapScript::serve(int connection) const {
    const auto say = [connection](const std::string& text) {
        [[maybe_unused]] const auto sent = ::send(connection, text.data(), text.size(), MSG_NOSIGNAL);
    };
    say("* OK ready\r\n");
    std::string pending;
    char bytes[4096];
    for (auto count = ::recv(connection, bytes, sizeof bytes, 0); count > 0;
         count = ::recv(connection, bytes, sizeof bytes, 0)) {
        pending.append(bytes, static_cast<std::size_t>(count));
        for (auto end = pending.find("\r\n"); end != std::string::npos; end = pending.find("\r\n")) {
            const std::string line = pending.substr(0, end);
            pending.erase(0, end + 2);
            const auto answer = answer_(line);
            const bool is_piece = answer && !answer->empty() && !answer->ends_with("\r\n");
            if (is_piece) say(*answer);
            if (!answer || is_piece) {
                ::shutdown(connection, SHUT_RDWR);
                return;
            }
            const std::string tag = line.substr(0, line.find(' ') + 1);
            const auto hasLine = [&](const std::string& begin) {
                return answer->starts_with(begin) || answer->find("\n" + begin) != std::string::npos;
            };
            const bool is_whole = hasLine(tag) || hasLine("+ ");
            say(is_whole ? *answer : *answer + tag + "OK done\r\n");
        }
    }
}

}  // namespace signalbox

#include "tests/support/mail_client.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <iostream>

namespace signalbox {

namespace fs = std::filesystem;

bool hasDovecot() {
    if (!DovecotServer::isInstalled()) std::cout << "left out: dovecot is not installed\n";
    return DovecotServer::isInstalled();
}
bool hasPostfix() {
    if (!PostfixServer::isInstalled())
        std::cout << "left out: postfix is not installed, or this is not root\n";
    return hasDovecot() && PostfixServer::isInstalled();
}

std::string mailFrom(const std::string& from, const std::string& to, const std::string& id,
                     const std::string& subject, const std::string& text, const std::string& headers) {
    return "From: " + from + "\r\nTo: " + to + "\r\nSubject: " + subject + "\r\nMessage-ID: <" + id +
           ">\r\nDate: Thu, 26 Nov 2026 08:00:00 +0000\r\n" + headers +
           "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n" + text + "\r\n";
}

SmtpClient::SmtpClient(int port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
        throw std::runtime_error("smtp client: cannot connect");
    expect("220");
    say("HELO client.test", "250");
}

SmtpClient::~SmtpClient() {
    ::close(fd_);
}

void SmtpClient::send(const std::string& from, const std::string& to, const std::string& mail) {
    say("MAIL FROM:<" + from + ">", "250");
    say("RCPT TO:<" + to + ">", "250");
    say("DATA", "354");
    say(mail + ".", "250");
}

void SmtpClient::say(const std::string& line, const std::string& answer) {
    const std::string bytes = line + "\r\n";
    if (::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL) < 0) throw std::runtime_error("smtp client");
    expect(answer);
}

void SmtpClient::expect(const std::string& code) {
    std::string answer(1'000, '\0');
    const auto count = ::recv(fd_, answer.data(), answer.size(), 0);
    answer.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
    if (!answer.starts_with(code)) throw std::runtime_error("smtp client: " + answer);
}

bool isSeenThere(const DovecotServer& dovecot, const std::string& user, const std::string& text) {
    namespace fs = std::filesystem;
    for (const auto& entry : fs::directory_iterator(fs::path(dovecot.maildir(user)) / "cur")) {
        std::ifstream in(entry.path(), std::ios::binary);
        const std::string mail((std::istreambuf_iterator<char>(in)), {});
        const std::string name = entry.path().filename().string();
        const auto flags = name.find(":2,");
        if (mail.find(text) == std::string::npos || flags == std::string::npos) continue;
        return name.find('S', flags + 3) != std::string::npos;
    }
    return false;
}

std::vector<std::string> mailsIn(const fs::path& maildir) {
    std::vector<std::string> mails;
    for (const char* part : {"new", "cur"}) {
        if (!fs::exists(maildir / part)) continue;
        for (const auto& entry : fs::directory_iterator(maildir / part)) {
            std::ifstream in(entry.path(), std::ios::binary);
            mails.emplace_back((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
        }
    }
    return mails;
}

std::string headerOf(const std::string& mail, const std::string& name) {
    const auto same = [](char a, char b) {
        return std::tolower(static_cast<unsigned char>(a)) == std::tolower(static_cast<unsigned char>(b));
    };
    const std::string start = "\n" + name + ": ";
    const auto found = std::search(mail.begin(), mail.end(), start.begin(), start.end(), same);
    if (found == mail.end()) return "";
    const auto at = static_cast<std::size_t>(found - mail.begin());
    std::string value;
    for (auto i = at + name.size() + 3; i < mail.size(); ++i) {
        const bool is_end =
            mail[i] == '\n' && (i + 1 >= mail.size() || (mail[i + 1] != ' ' && mail[i + 1] != '\t'));
        if (is_end) break;
        if (mail[i] != '\r' && mail[i] != '\n') value += mail[i];
    }
    return value;
}

std::string mailAccount(const std::string& name, int imap_port, int smtp_port, const std::string& more) {
    return "  - {name: " + name + ", type: email, address: " + name + "@example.test, username: " + name +
           ", password: " + DovecotServer::kPassword +
           ", imap: {host: 127.0.0.1, port: " + std::to_string(imap_port) +
           ", security: none}, smtp: {host: 127.0.0.1, port: " + std::to_string(smtp_port) +
           ", security: none, login: false}, backfill_from: all, poll_interval_s: 2" + more + "}\n";
}

}  // namespace signalbox

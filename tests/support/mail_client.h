// What tests of mailboxes share: a foreign mail program that hands mails in by plain SMTP and reads its own
// Maildir, the account's YAML, and the daemon's view of its messages.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "tests/support/gateway.h"
#include "tests/support/mail_server.h"

namespace signalbox {

// False, with a word, where the programs are not installed.
bool hasDovecot();
bool hasPostfix();

std::string mailFrom(const std::string& from, const std::string& to, const std::string& id,
                     const std::string& subject, const std::string& text, const std::string& headers = "");

class SmtpClient {
public:
    explicit SmtpClient(int port);
    ~SmtpClient();
    SmtpClient(const SmtpClient&) = delete;
    // Throws unless the server takes it.
    void send(const std::string& from, const std::string& to, const std::string& mail);

private:
    void say(const std::string& line, const std::string& answer);
    void expect(const std::string& code);
    int fd_;
};

// Whether the server's file of the mail with `text` in it says that it was read.
bool isSeenThere(const DovecotServer& dovecot, const std::string& user, const std::string& text);
// All mails of a Maildir folder.
std::vector<std::string> mailsIn(const std::filesystem::path& maildir);
// Unfolded; empty when it is not there.
std::string headerOf(const std::string& mail, const std::string& name);

// NAME@example.test as an item of the configuration's list; `more`: further keys, each after a comma.
std::string mailAccount(const std::string& name, int imap_port, int smtp_port = 0,
                        const std::string& more = "");

struct Box {
    explicit Box(Gateway& gateway) : call(gateway.port(), gateway.token()) {}
    Json messages(const std::string& filter = "") {
        return call.json("/api/v1/messages?limit=200" + filter)["items"];
    }
    // The message with this text in it; null when there is none.
    Json find(const std::string& text) {
        for (const Json& message : messages()) {
            if (textAt(message, "text").find(text) != std::string::npos) return message;
        }
        return nullptr;
    }
    Json conversation(const std::string& id) { return call.json("/api/v1/conversations/" + id); }
    HttpCall call;
};

}  // namespace signalbox

// A throw-away mail server for tests: Dovecot (IMAP) and Postfix (SMTP) with folders, users and ports of
// their own, reachable on the loopback only. What is handed in for the local domain is delivered into the
// mailboxes; mail for the domain bounce.test is refused and comes back as a bounce. Ends with the object, by
// kill if need be.
#pragma once

#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

#include "tests/support/certificate.h"
#include "tests/support/temp_folder.h"

namespace signalbox {

// What a server offers beside plain logins without encryption.
struct MailServerOptions {
    const Certificate* tls =
        nullptr;  // IMAPS and STARTTLS; Postfix then asks for a login on both of its ports
    // Where Dovecot asks who an OAuth token belongs to, the token is added to it; empty: no OAuth.
    std::string token_info_url;
};

class DovecotServer {
public:
    // False where the programs are not installed: tests then leave it out, with a word.
    static bool isInstalled();

    // `users`: names of mailboxes, their password is kPassword. Throws when it does not start.
    explicit DovecotServer(std::vector<std::string> users, MailServerOptions options = {});
    ~DovecotServer();
    DovecotServer(const DovecotServer&) = delete;

    static constexpr const char* kPassword = "secret-of-the-test";
    int imapPort() const { return imap_port_; }
    int imapsPort() const { return imaps_port_; }
    const MailServerOptions& options() const { return options_; }
    // Where Postfix asks whether a login is good.
    std::string loginSocket() const { return folder_.file("login"); }
    // What it wrote to its log, for a test that wonders.
    std::string log() const;
    // Where the mails of a user are delivered to: a Maildir.
    std::string maildir(const std::string& user) const { return folder_.file("mail/" + user + "/Maildir"); }
    // A mail appears in a user's INBOX, or another folder, as if it had been delivered.
    void deliver(const std::string& user, const std::string& mail, const std::string& folder = "");
    void kill();
    void kill9();  // with all of its processes
    void start();
    // While it is down: all mails of INBOX, or another folder, get new numbers (UIDVALIDITY changes).
    void renumber(const std::string& user, const std::string& folder = "");
    // While it is down: another password for all of them.
    void setPassword(const std::string& password);

private:
    void writeConfig();

    TempFolder folder_;
    const MailServerOptions options_;
    int imap_port_ = 0, imaps_port_ = 0;
    std::string password_ = kPassword;
    pid_t process_ = -1;
    int delivered_ = 0;
};

class PostfixServer {
public:
    static bool isInstalled();
    // Delivers mail for `domain` into the Maildirs that `dovecot` has for its users.
    PostfixServer(const DovecotServer& dovecot, const std::string& domain,
                  const std::vector<std::string>& users);
    ~PostfixServer();
    PostfixServer(const PostfixServer&) = delete;
    int smtpPort() const { return smtp_port_; }
    int smtpsPort() const { return smtps_port_; }
    void kill9();  // with all of its processes; what it took stays in its queue
    void start();
    // What RCPT TO is answered to these addresses, «450 4.2.1 busy»; all others are taken. Connections that
    // are open keep what they had.
    void answerRecipients(const std::vector<std::pair<std::string, std::string>>& answers);

private:
    std::string tlsConfig(const DovecotServer& dovecot) const;

    TempFolder folder_;
    int smtp_port_ = 0, smtps_port_ = 0;
    pid_t process_ = -1;
};

// A port of the loopback that nobody listens on.
int freePort();

}  // namespace signalbox

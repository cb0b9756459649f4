// One logged-in SMTP connection (RFC 5321) by Poco's client session, which is known to smtp_session.cc only;
// the dialogue of a mail is ours, since what each recipient is told and the moment after which the outcome is
// not known are what delivery depends on. Used by one thread at a time; reused for many mails.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "connectors/email/compose.h"
#include "connectors/email/credentials.h"
#include "connectors/email/mail_socket.h"

namespace signalbox::email {

// A recipient that the server does not take.
struct RefusedRecipient {
    std::string address, code, text;
    bool is_temporary = false;  // 4xx: perhaps later
    bool is_hard = false;       // the address is not there
};

struct Submitted {
    std::vector<std::string> taken;  // none: nothing was sent
    std::vector<RefusedRecipient> refused;
    bool asked_for_dsn = false;
};

class SmtpSession {
public:
    // `credentials` null: the server asks for no login. Unauthorized: it refuses them.
    static Result<std::unique_ptr<SmtpSession>> open(const Server& server, const SocketOptions& options,
                                                     const Credentials* credentials,
                                                     const std::stop_token& stop);
    ~SmtpSession();
    SmtpSession(const SmtpSession&) = delete;

    // Uncertain: all of the mail left and no answer came. Unavailable and Throttled: it was not taken, try
    // later. Rejected: refused for good, `code` is the server's (5.1.1, else 550). The refusal of a mail's
    // only recipient is such an error, that of one among several is not. After Uncertain and
    // Unavailable the session is of no more use. Asked to stop it breaks off, unless all of the mail has
    // left: then the answer is waited for a little longer.
    // `before_last_byte` is told who will have it; it may be empty, its error ends the submission.
    using BeforeLastByte = std::function<Status(const Submitted&)>;
    Result<Submitted> submit(const std::string& sender, const ComposedMail& mail,
                             const BeforeLastByte& before_last_byte, const std::stop_token& stop);
    // Addresses beyond ASCII (RFC 6531). Else those recipients are refused, alone.
    bool takesUtf8() const;
    // Whether the connection still stands.
    bool isAlive(const std::stop_token& stop);

private:
    class Dialogue;
    explicit SmtpSession(std::unique_ptr<Dialogue> dialogue);
    std::unique_ptr<Dialogue> dialogue_;
};

// The enhanced code of an answer («550 5.1.1 No such user» → 5.1.1), else the three digits.
std::string smtpCode(const std::string& answer);

}  // namespace signalbox::email

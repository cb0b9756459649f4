// Sends an account's mails: composes, and hands in over a connection that is kept for the next one. What was
// sent asks for a copy in the folder of sent mail where the provider puts none there: that is a row of its
// own, done here, too, as is marking mails as read. Any thread: several lanes at once.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "connectors/email/credential_source.h"
#include "connectors/email/imap_session.h"
#include "connectors/email/smtp_session.h"
#include "connectors/sdk/connector.h"

namespace signalbox::email {

// Connections for sending at most, each kept for the next mail.
inline constexpr std::size_t kKeptSessions = 3;

class MailSender {
public:
    MailSender(const AccountConfig& config, const SocketOptions& options, CredentialSource& credentials,
               const Clock& clock);

    Result<Receipt> send(const OutboundMessage& message, const std::stop_token& stop);
    // Logs in for sending, without sending.
    Status check(const std::stop_token& stop);

private:
    Result<Receipt> sendMail(const OutboundMessage& message, const std::stop_token& stop);
    Result<Receipt> submit(std::unique_ptr<SmtpSession> session, const OutboundMessage& message,
                           const ComposedMail& mail, const Json& form, const std::stop_token& stop);
    Error notLoggedIn(Error error) const;
    Result<Receipt> markRead(const OutboundMessage& message, const std::stop_token& stop);
    Status markPlaces(ImapSession& imap, const Json& places);
    // Nobody knows whether it left: the folder of sent mail does. Nothing: it may be sent.
    std::optional<Result<Receipt>> lookUp(const OutboundMessage& message, const ComposedMail& mail,
                                          const std::stop_token& stop);
    Result<bool> isInSent(const std::string& message_id, const std::stop_token& stop);
    Result<std::unique_ptr<SmtpSession>> takeSession(const std::stop_token& stop);
    Result<std::unique_ptr<SmtpSession>> openSession(const std::stop_token& stop);
    void keepSession(std::unique_ptr<SmtpSession> session);
    Result<std::unique_ptr<SmtpSession>> sessionForMail(const std::stop_token& stop);
    Result<Receipt> saveCopy(const OutboundMessage& message, const std::stop_token& stop);
    // Runs `work` on the IMAP connection for such errands, opened when there is none.
    template <class Work>
    auto onImap(const std::stop_token& stop, Work work) -> decltype(work(std::declval<ImapSession&>()));
    Status openImap(const std::stop_token& stop);
    Result<std::string> sentFolder(ImapSession& imap);

    const AccountConfig& config_;
    const SocketOptions options_;
    CredentialSource& credentials_;
    const Clock& clock_;

    struct Idle {
        std::unique_ptr<SmtpSession> session;
        TimePoint since;
    };
    std::mutex smtp_mutex_;
    std::vector<Idle> idle_;  // guarded by smtp_mutex_
    std::mutex imap_mutex_;   // held through an errand: there is one connection for them
    std::unique_ptr<ImapSession> imap_;
    std::string sent_folder_;
};

}  // namespace signalbox::email

#include "connectors/email/mail_sender.h"

#include <algorithm>
#include <map>

#include "connectors/email/login_advice.h"
#include "connectors/email/mail_form.h"
#include "connectors/email/told.h"

namespace signalbox::email {
namespace {

using namespace std::chrono_literals;

constexpr auto kKeptFor = 30s;  // servers close a quiet connection after minutes, some after one

Receipt receiptFor(const ComposedMail& mail) {
    Receipt receipt;
    receipt.external_id = mail.message_id;
    receipt.state = DeliveryState::Accepted;
    return receipt;
}

bool isSeveral(const ComposedMail& mail, const SendProgress& progress) {
    return mail.recipients.size() > 1 || !progress.taken.empty() || !progress.failed.empty();
}

}  // namespace

MailSender::MailSender(const AccountConfig& config, const SocketOptions& options,
                       CredentialSource& credentials, const Clock& clock)
    : config_(config), options_(options), credentials_(credentials), clock_(clock) {}

Result<Receipt> MailSender::send(const OutboundMessage& message, const std::stop_token& stop) {
    if (message.type == "mark_read") return markRead(message, stop);
    if (message.type == "save_copy") return saveCopy(message, stop);
    if (message.type == "reaction")
        return Error{ErrorKind::Invalid, "mail: there are no reactions", {}, "unsupported"};
    return sendMail(message, stop);
}

Result<Receipt> MailSender::sendMail(const OutboundMessage& message, const std::stop_token& stop) {
    if (config_.smtp.host.empty())
        return Error{ErrorKind::Invalid, "smtp.host: is missing, the account only receives", {}, "config"};
    MailForm form = formOf(message.progress.form, config_, clock_.now());
    auto mail = compose(message, form);
    if (!mail) return mail.error();
    leaveOut(mail->recipients, message.progress);
    if (message.may_have_left) {
        if (auto known = lookUp(message, *mail, stop)) return std::move(*known);
    }
    auto session = sessionForMail(stop);
    if (!session) return session.error();
    if (mail->needs_utf8 && !(*session)->takesUtf8()) {
        form.addresses = Addresses::Shown;
        std::vector<std::string> recipients = std::move(mail->recipients);
        mail = compose(message, form);
        if (!mail) return mail.error();
        mail->recipients = std::move(recipients);
    }
    auto receipt = submit(std::move(*session), message, *mail, toJson(form), stop);
    if (!receipt) return receipt.error();
    const bool is_first = message.progress.taken.empty() && hasTaken(receipt->recipients);
    const bool wants_copy = config_.save_sent == SaveSent::Always ||
                            (config_.save_sent == SaveSent::Auto && !config_.is_saved_by_provider);
    // The daemon's own mails hold links that let somebody in.
    if (!is_first || !wants_copy || flagAt(message.content, "is_private") || config_.imap.host.empty())
        return receipt;
    // An errand of its own: a mailbox that hangs keeps nobody from knowing that the mail was sent.
    receipt->wants_copy = true;
    receipt->form = toJson(form);
    return receipt;
}

Result<Receipt> MailSender::submit(std::unique_ptr<SmtpSession> session, const OutboundMessage& message,
                                   const ComposedMail& mail, const Json& form, const std::stop_token& stop) {
    const bool is_several = isSeveral(mail, message.progress);
    SmtpSession::BeforeLastByte before_last_byte;
    if (message.before_leaving) {
        before_last_byte = [&](const Submitted& submitted) {
            if (!is_several) return message.before_leaving({});
            return message.before_leaving({toldTo(submitted), form});
        };
    }
    auto submitted = session->submit(config_.address, mail, before_last_byte, stop);
    if (!submitted) {
        const ErrorKind kind = submitted.error().kind;
        if (kind == ErrorKind::Rejected || kind == ErrorKind::Throttled) keepSession(std::move(session));
        return kind == ErrorKind::Unauthorized ? notLoggedIn(submitted.error()) : submitted.error();
    }
    keepSession(std::move(session));
    Receipt receipt = receiptFor(mail);
    if (is_several) addRecipients(receipt, toldTo(*submitted), message.progress, form);
    return receipt;
}

// «530 authentication required» comes at MAIL FROM; it blocks the account, so it says what to do.
Error MailSender::notLoggedIn(Error error) const {
    if (config_.smtp_login) return withAdvice(std::move(error), Protocol::Smtp, config_.smtp, nullptr);
    error.message += "; this server wants a login: set smtp.login: true, username and password";
    return error;
}

std::optional<Result<Receipt>> MailSender::lookUp(const OutboundMessage& message, const ComposedMail& mail,
                                                  const std::stop_token& stop) {
    const Error unknown{ErrorKind::Uncertain,
                        "mail: an earlier try may have sent it, and the folder of sent mail does not tell",
                        {},
                        std::string(kNotInSent)};
    const bool had_left = message.is_unanswered || message.was_leaving;
    if (config_.imap.host.empty() && !had_left) return std::nullopt;
    if (config_.imap.host.empty()) return unknown;
    // The copy is there since others got it; of who came later it says nothing.
    if (!message.progress.taken.empty()) {
        if (had_left) return unknown;
        return std::nullopt;
    }
    const auto found = isInSent(mail.message_id, stop);
    // As long as it is not known it stays what it is: one that had left must not be sent for want of an
    // answer.
    if (!found)
        return Error{had_left ? ErrorKind::Uncertain : ErrorKind::Unavailable,
                     "mail: the folder of sent mail cannot be asked: " + found.error().message,
                     {},
                     std::string(kSentNotAsked)};
    if (*found) {
        Receipt receipt = receiptFor(mail);
        addRecipients(receipt, message.progress.leaving, message.progress, message.progress.form);
        return receipt;
    }
    // A provider that keeps what it sends would have it. Elsewhere its absence proves nothing after the last
    // byte had left; of a try that ended before, the server threw away what it had.
    if (config_.is_saved_by_provider || !had_left) return std::nullopt;
    return unknown;
}

Result<bool> MailSender::isInSent(const std::string& message_id, const std::stop_token& stop) {
    const auto found = onImap(stop, [&](ImapSession& imap) -> Result<bool> {
        const auto folder = sentFolder(imap);
        if (!folder) return folder.error();
        if (auto selected = imap.select(*folder); !selected) {
            sent_folder_.clear();  // it may have another name by now
            Error error = selected.error();
            // The server named it just now, so it is there.
            if (config_.sent_folder.empty()) error.kind = ErrorKind::Unavailable;
            return error;
        }
        const auto uids = imap.findMessageId(message_id);
        if (!uids) return uids.error();
        return !uids->empty();
    });
    if (!found && found.error().kind == ErrorKind::NotFound) return false;  // there is no such folder
    return found;
}

Status MailSender::markPlaces(ImapSession& imap, const Json& places) {
    std::map<std::string, std::vector<const Json*>> by_folder;
    for (const Json& place : places) by_folder[textAt(place, "folder")].push_back(&place);
    Status outcome = Done{};
    for (const auto& [folder, list] : by_folder) {
        const auto selected = imap.select(folder);
        if (!selected && selected.error().kind == ErrorKind::NotFound) continue;  // it is gone, and its mails
        if (!selected && selected.error().kind == ErrorKind::Rejected) {
            outcome = Error{ErrorKind::Unavailable, selected.error().message, {}, selected.error().code};
            continue;  // it may be opened later; the others now
        }
        if (!selected) return selected.error();
        std::vector<std::uint32_t> uids;
        for (const Json* place : list) {
            // Numbered anew by the server, the numbers mean other mails.
            if (numberAt(*place, "uidvalidity") == selected->uidvalidity)
                uids.push_back(static_cast<std::uint32_t>(numberAt(*place, "uid")));
        }
        std::sort(uids.begin(), uids.end());
        if (auto done = imap.markSeen(uids); !done) return done;
    }
    return outcome;
}

Result<Receipt> MailSender::markRead(const OutboundMessage& message, const std::stop_token& stop) {
    if (config_.imap.host.empty())
        return Error{ErrorKind::Invalid, "imap.host: is missing", {}, "unsupported"};
    if (const Json& places = memberAt(message.content, "places"); places.is_array()) {
        const auto marked =
            onImap(stop, [&](ImapSession& imap) -> Status { return markPlaces(imap, places); });
        if (!marked) return marked.error();
        return Receipt{message.in_reply_to, DeliveryState::Accepted, Json::object()};
    }
    // A second mail under the same Message-ID is known with a mark behind it.
    const std::string id = message.in_reply_to.substr(0, message.in_reply_to.rfind('#'));
    const auto marked = onImap(stop, [&](ImapSession& imap) -> Status {
        std::vector<std::string> folders = config_.folders;
        if (folders.empty()) folders.push_back("INBOX");
        for (const std::string& folder : folders) {
            if (auto selected = imap.select(folder); !selected) return selected.error();
            const auto uids = imap.findMessageId(id);
            if (!uids) return uids.error();
            if (auto done = imap.markSeen(*uids); !done) return done;
        }
        return Done{};
    });
    if (!marked) return marked.error();
    return Receipt{message.in_reply_to, DeliveryState::Accepted, Json::object()};
}

Status MailSender::check(const std::stop_token& stop) {
    if (config_.smtp.host.empty()) return Done{};
    auto session = openSession(stop);
    if (!session) return session.error();
    keepSession(std::move(*session));
    return Done{};
}

Result<std::unique_ptr<SmtpSession>> MailSender::takeSession(const std::stop_token& stop) {
    while (true) {
        Idle kept;
        {
            std::lock_guard lock(smtp_mutex_);
            if (idle_.empty()) break;
            kept = std::move(idle_.back());
            idle_.pop_back();
        }
        if (kept.since + kKeptFor > clock_.now() && kept.session->isAlive(stop))
            return std::move(kept.session);
    }
    return openSession(stop);
}

Result<std::unique_ptr<SmtpSession>> MailSender::openSession(const std::stop_token& stop) {
    if (!config_.smtp_login) return SmtpSession::open(config_.smtp, options_, nullptr, stop);
    return openWith(credentials_, stop, [&](const Credentials& credentials) {
        return SmtpSession::open(config_.smtp, options_, &credentials, stop);
    });
}

// Whatever is wrong before a mail is spoken of (a certificate that is over, no STARTTLS, «554 no service») is
// no word about the mail: it waits until somebody has mended it.
Result<std::unique_ptr<SmtpSession>> MailSender::sessionForMail(const std::stop_token& stop) {
    auto session = takeSession(stop);
    if (session) return session;
    Error error = session.error();
    if (error.kind == ErrorKind::Rejected || error.kind == ErrorKind::Invalid ||
        error.kind == ErrorKind::NotFound)
        error.kind = ErrorKind::Unavailable;
    return error;
}

void MailSender::keepSession(std::unique_ptr<SmtpSession> session) {
    std::lock_guard lock(smtp_mutex_);
    if (idle_.size() < kKeptSessions) idle_.push_back({std::move(session), clock_.now()});
}

// An earlier try may have put it there unheard; the first one need not look, which takes long in some large
// folders.
Result<Receipt> MailSender::saveCopy(const OutboundMessage& message, const std::stop_token& stop) {
    if (config_.imap.host.empty())
        return Error{
            ErrorKind::Invalid, "imap.host: is missing, there is no folder of sent mail", {}, "config"};
    const MailForm form = formOf(memberAt(message.content, "form"), config_, clock_.now());
    const auto mail = compose(message, form);
    if (!mail) return mail.error();
    const auto saved = onImap(stop, [&](ImapSession& imap) -> Status {
        const auto folder = sentFolder(imap);
        if (!folder && folder.error().kind != ErrorKind::NotFound) return folder.error();
        const std::string name = folder ? *folder : "Sent";
        if (message.attempt == 1 && !message.may_have_left) return imap.append(name, copyForSent(*mail));
        const auto selected = imap.select(name);
        if (!selected && selected.error().kind != ErrorKind::NotFound) return selected.error();
        if (selected) {
            const auto uids = imap.findMessageId(mail->message_id);
            if (!uids) return uids.error();
            if (!uids->empty()) return Done{};
        }
        return imap.append(name, copyForSent(*mail));
    });
    if (saved) return receiptFor(*mail);
    Error error = withContext("copy of a sent mail", saved.error());
    // A mailbox that is full or closed to us may be mended.
    if (error.kind != ErrorKind::Unauthorized && error.kind != ErrorKind::Throttled)
        error.kind = ErrorKind::Unavailable;
    return error;
}

template <class Work>
auto MailSender::onImap(const std::stop_token& stop, Work work)
    -> decltype(work(std::declval<ImapSession&>())) {
    std::lock_guard lock(imap_mutex_);
    const auto isAlive = [&] {
        const auto guard = imap_->interruptOn(stop);
        return imap_->noop().ok();
    };
    if (imap_ && !isAlive()) imap_.reset();
    if (auto opened = openImap(stop); !opened) return opened.error();
    auto outcome = [&] {
        const auto guard = imap_->interruptOn(stop);  // gone before the connection is
        return work(*imap_);
    }();
    if (!outcome && outcome.error().kind == ErrorKind::Unavailable) imap_.reset();
    return outcome;
}

Status MailSender::openImap(const std::stop_token& stop) {
    if (imap_) return Done{};
    auto session = openWith(credentials_, stop, [&](const Credentials& credentials) {
        return ImapSession::open(config_.imap, options_, credentials, stop);
    });
    if (!session) return session.error();
    imap_ = std::move(*session);
    return Done{};
}

Result<std::string> MailSender::sentFolder(ImapSession& imap) {
    if (!config_.sent_folder.empty()) return config_.sent_folder;
    if (!sent_folder_.empty()) return sent_folder_;
    const auto folders = imap.folders();
    if (!folders) return folders.error();
    for (const ImapFolder& folder : *folders) {
        if (folder.use == "sent") sent_folder_ = folder.name;
    }
    if (sent_folder_.empty()) return Error{ErrorKind::NotFound, "imap: no folder of sent mail", {}, "folder"};
    return sent_folder_;
}

}  // namespace signalbox::email

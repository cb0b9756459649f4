#include "connectors/email/mime/bounce.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "connectors/email/mime/address_list.h"
#include "connectors/email/mime/ascii.h"
#include "connectors/email/mime/auto_kind.h"
#include "connectors/email/mime/bounce_fields.h"
#include "connectors/email/mime/bounce_reason.h"
#include "connectors/email/mime/bounce_text.h"
#include "connectors/email/mime/charset.h"
#include "connectors/email/mime/header_text.h"
#include "connectors/email/mime/mail_body.h"
#include "connectors/email/mime/ses_notification.h"

namespace signalbox::mime {
namespace {

constexpr int kMaxDepth = 32;
constexpr std::size_t kMaxAround = 8000;
constexpr std::size_t kMaxFailed = 1000;

// delivery-status, also where a server called it something else or put it inside of the returned mail.
const MessageNode* findStatusPart(const MessageNode& node, bool is_within_messages, int depth = 0) {
    if (depth > kMaxDepth) return nullptr;
    const std::string type = typeOf(node).value;
    if (type == "message/delivery-status" || type == "message/global-delivery-status" ||
        type == "message/delivery_status" || type == "text/delivery-status" ||
        type == "message/xdelivery-status")
        return &node;
    if (!node.is_multipart && !is_within_messages && depth > 0) return nullptr;
    for (const MessageNode& child : node.children) {
        if (const MessageNode* found = findStatusPart(child, is_within_messages, depth + 1)) return found;
    }
    return nullptr;
}

// The fields of a report whose second part is called plain text.
const MessageNode* findStatusText(const MessageNode& root) {
    const HeaderValue type = typeOf(root);
    if (type.value != "multipart/report" || lowered(type.parameter("report-type")) != "delivery-status")
        return nullptr;
    for (const MessageNode& child : root.children) {
        const std::string_view text = std::string_view(child.content).substr(0, 4000);
        if (child.is_multipart || !startsIgnoringCase(text, "reporting-mta:")) continue;
        if (contains(lowered(text), "\nfinal-recipient:")) return &child;
    }
    return nullptr;
}

// «rfc822; <a@b>» in either case, «utf-8; a@b», with or without the type.
std::string recipientAddress(const std::string& field) {
    std::string value = field;
    const auto semi = value.find(';');
    if (semi != std::string::npos) value.erase(0, semi + 1);
    std::string address = addressIn(value);
    if (address.empty()) {
        const auto parsed = parseAddresses(value);
        if (!parsed.empty()) address = parsed.front().address;
    }
    return validUtf8(address);
}

std::string normalAction(const std::string& raw) {
    std::string action = lowered(trimmed(raw));
    action = action.substr(0, action.find_first_of(" ;(,\t"));
    if (action.starts_with("fail") || action == "expired" || action == "error" || action == "deleted")
        return "failed";
    if (action.starts_with("delay") || action == "deferred") return "delayed";
    if (action.starts_with("deliver")) return "delivered";
    if (action == "relayed" || action == "expanded") return action;
    return "";
}

std::string withoutType(const std::string& diagnostic) {
    const auto semi = diagnostic.find(';');
    if (semi == std::string::npos || semi > 20) return diagnostic;
    return std::string(trimmed(std::string_view(diagnostic).substr(semi + 1)));
}

class BounceReader {
public:
    BounceReader(const MessageNode& root, const Mail& mail) : root_(root), mail_(mail) {}

    std::optional<MailBounce> run() {
        if (mail_.auto_kind == MailAutoKind::Complaint) return std::nullopt;
        if (mail_.auto_kind == MailAutoKind::Receipt && !isRejectedByReceipt()) return std::nullopt;
        if (auto told = readSesNotification(mail_.text)) {
            for (BounceRecipient& recipient : told->recipients)
                judge(recipient, recipient.diagnostic, recipient.diagnostic);
            return MailBounce{std::move(told->recipients), std::move(told->original_message_id)};
        }
        const bool is_daemon = isFromDaemon();
        const bool is_subject = isBounceSubject(mail_.subject);
        const MessageNode* status = findStatusPart(root_, false);
        if (status == nullptr) status = findStatusText(root_);
        if (status == nullptr && (is_daemon || is_subject)) status = findStatusPart(root_, true);
        if (status == nullptr && !mayBeReport(is_daemon, is_subject)) return std::nullopt;
        text_ = splitReport(mail_.text);
        if (status != nullptr) readStatus(*status);
        if (status == nullptr && !isReportInProse(is_daemon, is_subject)) return std::nullopt;
        if (bounce_.recipients.empty()) readProse();
        nameFiles();
        if (bounce_.recipients.empty()) readHeaders();
        if (bounce_.recipients.empty() && status == nullptr && !(is_daemon && is_subject))
            return std::nullopt;
        for (BounceRecipient& recipient : bounce_.recipients)
            judge(recipient, around(recipient),
                  reporter() + session(recipient) + categories_[recipient.address]);
        bounce_.original_message_id = originalId();
        return std::move(bounce_);
    }

private:
    // Dovecot's delivery agent and Sieve's reject answer with a receipt: deleted without being read.
    bool isRejectedByReceipt() const {
        return !saysDisplayed(root_) && contains(lowered(mail_.text.substr(0, 2000)), "rejected");
    }

    std::string header(std::string_view name) const {
        const std::string* raw = root_.find(name);
        return raw == nullptr ? "" : unfold(*raw);
    }

    bool isFromDaemon() const {
        if (mail_.return_path == "<>" && !mail_.from.empty() && isDaemonAddress(mail_.from.front().address))
            return true;
        for (const MailAddress& from : mail_.from) {
            if (isDaemonAddress(from.address)) return true;
            const std::string name = lowered(from.name);
            for (const std::string_view word : {"mail delivery",
                                                "mailer-daemon",
                                                "mailer daemon",
                                                "mail administrator",
                                                "system administrator",
                                                "mail system",
                                                "postmaster",
                                                "mail delivery subsystem",
                                                "delivery subsystem",
                                                "mail server",
                                                "email delivery",
                                                "delivery system",
                                                "mail daemon",
                                                "microsoft outlook",
                                                "microsoft exchange",
                                                "systemadministrator",
                                                "administrador del sistema",
                                                "mail router",
                                                "mail gateway",
                                                "internet mail delivery"}) {
                if (contains(name, word)) return true;
            }
            const std::string local = lowered(from.address).substr(0, from.address.find('@'));
            for (const std::string_view word :
                 {"mailmaster", "mailadmin", "bounce", "mail-delivery", "maildelivery", "microsoftexchange",
                  "no-reply-mail", "smtp", "mail-system", "mailsystem", "antispam", "noreply-mail",
                  "post_master"}) {
                if (local.starts_with(word)) return true;
            }
            // The names of gateways: «E500_SMTP_Mail_Service», «Symantec_AntiVirus_for_SMTP_Gateways».
            if (contains(local, "_smtp") || contains(local, "antivirus")) return true;
        }
        return mail_.from.empty() && mail_.return_path == "<>";
    }

    // Most mails are none: without a sign in the head nobody need read the text.
    bool mayBeReport(bool is_daemon, bool is_subject) const {
        if (is_daemon || is_subject || !header("x-failed-recipients").empty()) return true;
        const std::string mailer = lowered(header("x-mailer"));
        return contains(lowered(header("content-type")), "multipart/report") ||
               mailer.starts_with("<smtp32") || contains(mailer, "surfcontrol");
    }

    // A person may well write «undeliverable»; one sign is not enough.
    bool isReportInProse(bool is_daemon, bool is_subject) const {
        if (!header("x-failed-recipients").empty()) return true;
        const std::string report_type = lowered(header("content-type"));
        if (contains(report_type, "multipart/report") && contains(report_type, "delivery-status"))
            return true;
        if (isVacationSubject(mail_.subject)) return false;
        const std::string receiver = lowered(header("x-mailer"));
        if (receiver.starts_with("<smtp32") || contains(receiver, "surfcontrol"))
            return saysUndelivered(text_.report) || namesFate();
        if (mail_.auto_kind == MailAutoKind::AutoReply && !is_daemon) return false;
        const bool says = saysUndelivered(text_.report);
        if (is_daemon) return is_subject || says || namesFate() || (hasReturned() && isMailerDaemon());
        if (!is_subject || !says) return false;
        // An answer to a bounce begins with «Re: » and its words; a gateway puts its own behind the subject.
        const std::string subject = lowered(mail_.subject);
        const auto colon = std::min(subject.find(':', 3), subject.size());
        const bool is_answer =
            (subject.starts_with("re:") && isBounceSubject(subject.substr(3, colon - 3))) ||
            !mail_.in_reply_to.empty();
        const bool is_empty_path = mail_.return_path == "<>" || mail_.return_path.empty();
        return !is_answer && (is_empty_path || mail_.auto_kind == MailAutoKind::AutoGenerated ||
                              !text_.returned.empty() || hasReturned() || listsUndelivered(text_.report));
    }

    // The mailbox or the person is spoken of as only a server does.
    bool namesFate() const {
        const std::string reason = reasonInText(std::string_view(text_.report).substr(0, 1500));
        return reason == "user_unknown" || reason == "host_unknown" || reason == "mailbox_full" ||
               reason == "suspended" || reason == "moved" || reason == "not_accepting";
    }
    bool isMailerDaemon() const {
        return !mail_.from.empty() && lowered(mail_.from.front().address).starts_with("mailer-daemon@");
    }

    bool hasReturned() const {
        return findPart(root_, "message/rfc822") != nullptr ||
               findPart(root_, "text/rfc822-headers") != nullptr;
    }

    void readStatus(const MessageNode& part) {
        std::string text = part.content;
        if (text.empty()) text = part.raw;
        for (const FieldGroup& group : readFieldGroups(validUtf8(text))) {
            if (!group.has("final-recipient") && !group.has("original-recipient") &&
                !group.has("x-actual-recipient") && !group.has("action")) {
                // A diagnosis that an empty line parted from its group.
                if (!bounce_.recipients.empty() && group.has("diagnostic-code") &&
                    bounce_.recipients.back().diagnostic.empty())
                    bounce_.recipients.back().diagnostic = withoutType(group.value("diagnostic-code"));
                continue;
            }
            addGroup(group);
        }
    }

    void addGroup(const FieldGroup& group) {
        BounceRecipient recipient;
        // The original one is whom we wrote to; the final one may be where it was forwarded.
        recipient.address = recipientAddress(group.value("original-recipient"));
        for (const std::string_view name : {"final-recipient", "x-actual-recipient"}) {
            if (const std::string other = recipientAddress(group.value(name));
                !contains(recipient.address, "@") && !other.empty())
                recipient.address = other;
        }
        recipient.action = normalAction(group.value("action"));
        recipient.status = enhancedStatusIn(' ' + group.value("status") + ' ');
        recipient.diagnostic = validUtf8(withoutType(group.value("diagnostic-code")));
        if (recipient.diagnostic.empty())
            recipient.diagnostic = withoutType(group.value("x-supplementary-info"));
        if (recipient.address.empty()) return;
        // PowerMTA sorts what others said.
        categories_[recipient.address] = ' ' + group.value("x-powermta-bouncecategory");
        if (recipient.action.empty() && recipient.status.empty() && recipient.diagnostic.empty())
            recipient.action = "failed";
        const bool is_known = std::any_of(
            bounce_.recipients.begin(), bounce_.recipients.end(), [&](const BounceRecipient& one) {
                return lowered(one.address) == lowered(recipient.address) && one.action == recipient.action;
            });
        if (!is_known) bounce_.recipients.push_back(std::move(recipient));
    }

    void readProse() {
        std::set<std::string> others;
        for (const auto* list : {&mail_.from, &mail_.to, &mail_.cc, &mail_.reply_to}) {
            for (const MailAddress& one : *list) others.insert(lowered(one.address));
        }
        others.insert(lowered(mail_.delivered_to));
        const auto failed = failedHeader();
        // A mail to oneself comes back to oneself.
        for (const std::string& address : failed) others.erase(lowered(address));
        const std::string server = mail_.from.empty() ? "" : mail_.from.front().address;
        auto found =
            recipientsInText(text_.report, others, std::string_view(server).substr(server.find('@') + 1));
        if (!failed.empty()) {
            std::vector<BounceRecipient> wanted;
            const std::string report = joinedSpaces(std::string_view(text_.report).substr(0, kMaxAround));
            for (const std::string& address : failed) {
                const auto it = std::find_if(found.begin(), found.end(), [&](const BounceRecipient& one) {
                    return lowered(one.address) == lowered(address);
                });
                BounceRecipient recipient;
                if (it != found.end()) recipient = *it;
                recipient.address = address;
                if (recipient.diagnostic.empty()) recipient.diagnostic = report;
                wanted.push_back(std::move(recipient));
            }
            found = std::move(wanted);
        }
        for (BounceRecipient& recipient : found) {
            recipient.action = action(recipient.diagnostic);
            bounce_.recipients.push_back(std::move(recipient));
        }
    }

    // Exim names the file or the command of a local delivery; who was meant stands in the header.
    void nameFiles() {
        const auto failed = failedHeader();
        if (failed.size() != 1 || bounce_.recipients.size() != 1) return;
        std::string& address = bounce_.recipients.front().address;
        if (!contains(address, "@")) address = failed.front();
    }

    // «user%domain@server» is user@domain, as the server rewrote it for itself.
    static std::string withoutRoute(const std::string& address) {
        const auto percent = address.find('%'), at = address.rfind('@');
        if (percent == std::string::npos || percent > at || address.find('.', percent) > at) return address;
        return address.substr(0, percent) + '@' + address.substr(percent + 1, at - percent - 1);
    }

    std::vector<std::string> failedHeader() const {
        std::vector<std::string> found;
        for (const HeaderField& field : root_.headers) {
            if (!equalsIgnoringCase(field.name, "x-failed-recipients")) continue;
            for (const MailAddress& one : parseAddresses(field.value)) {
                if (found.size() == kMaxFailed) return found;
                if (contains(one.address, "@")) found.push_back(withoutRoute(one.address));
            }
        }
        return found;
    }

    std::string action(const std::string& diagnostic) {
        if (!is_delayed_) is_delayed_ = saysDelayed(mail_.subject) || saysDelayed(text_.report);
        if (*is_delayed_) {
            const std::string status = enhancedStatusIn(diagnostic);
            if (status.empty() || status[0] != '5') return "delayed";
        }
        return "failed";
    }

    // Nobody is named: whom the returned mail was written to.
    void readHeaders() {
        std::vector<MailAddress> to;
        if (const MessageNode* returned = findReturned(root_, 0)) {
            for (const std::string_view name : {"x-original-to", "delivered-to", "to"}) {
                if (const std::string* raw = returned->find(name); raw != nullptr && to.empty())
                    to = parseAddresses(*raw);
            }
        }
        if (to.empty()) {
            for (const FieldGroup& group : readFieldGroups(text_.returned)) {
                if (const std::string value = group.value("to"); !value.empty() && to.empty())
                    to = parseAddresses(value);
            }
        }
        for (const MailAddress& one : to) {
            if (!contains(one.address, "@")) continue;
            if (bounce_.recipients.size() == kMaxFailed) return;
            BounceRecipient recipient;
            recipient.address = one.address;
            recipient.diagnostic = joinedSpaces(text_.report.substr(0, 4000));
            recipient.action = action(recipient.diagnostic);
            bounce_.recipients.push_back(std::move(recipient));
        }
    }

    static const MessageNode* findReturned(const MessageNode& node, int depth) {
        if (depth > kMaxDepth) return nullptr;
        if (!node.is_multipart && !node.children.empty()) return &node.children.front();
        for (const MessageNode& child : node.children) {
            if (const MessageNode* found = findReturned(child, depth + 1)) return found;
        }
        return nullptr;
    }

    // What the prose says of an address; nullptr: nothing.
    const BounceRecipient* prose(const std::string& address) {
        if (!is_prose_read_) {
            is_prose_read_ = true;
            for (BounceRecipient& one : recipientsInText(text_.report, {})) {
                std::string low = lowered(one.address);
                prose_.emplace(std::move(low), std::move(one));
            }
        }
        const auto it = prose_.find(lowered(address));
        return it == prose_.end() ? nullptr : &it->second;
    }

    // Who reports it: some programs mean by a common word what only they know.
    std::string reporter() const {
        if (!header("x-message-delivery").empty() || !header("x-message-info").empty())
            return "reported by outlook.com ";
        return lowered(header("x-mailer")).starts_with("<smtp32") ? "reported by smtp32 " : "";
    }

    std::string session(const BounceRecipient& recipient) {
        if (bounce_.recipients.size() == 1)
            return joinedSpaces(std::string_view(text_.report).substr(0, kMaxAround));
        const BounceRecipient* one = prose(recipient.address);
        return one == nullptr ? "" : one->diagnostic;
    }

    // What the prose says beside a recipient of the machine-readable half.
    std::string around(const BounceRecipient& recipient) {
        const bool is_silent =
            enhancedStatusIn(recipient.diagnostic).empty() && replyCodeIn(recipient.diagnostic).empty();
        if (const BounceRecipient* one = prose(recipient.address)) {
            if (one->diagnostic != recipient.diagnostic) return one->diagnostic;
            if (!is_silent) return "";
        }
        if (!is_silent && bounce_.recipients.size() != 1) return "";
        return joinedSpaces(std::string_view(text_.report).substr(0, kMaxAround));
    }

    // What we gave the server as ENVID comes back here (RFC 3461, 6.3): our Message-ID as xtext, which leaves
    // it as it is. Other programs put there what they like.
    std::string envelopeId() const {
        constexpr std::size_t kToken = 32;
        const MessageNode* status = findStatusPart(root_, true);
        if (status == nullptr) return "";
        for (const FieldGroup& group : readFieldGroups(status->content)) {
            const std::string value = group.value("original-envelope-id");
            const bool is_ours = value.size() > kToken + 1 && value.starts_with("m.") && value[15] == '.' &&
                                 value[kToken] == '@';
            if (is_ours) return value.substr(0, value.find_first_of(" \t"));
        }
        return "";
    }

    std::string originalId() const {
        if (std::string id = originalMessageId(root_, text_.returned.empty() ? mail_.text : text_.returned);
            !id.empty())
            return id;
        for (const std::string_view name : {"x-original-message-id", "original-message-id"}) {
            const auto ids = parseMessageIds(header(name));
            if (!ids.empty()) return ids.front();
        }
        if (const MessageNode* status = findStatusPart(root_, true)) {
            for (const FieldGroup& group : readFieldGroups(status->content)) {
                for (const std::string_view name : {"original-message-id", "x-original-message-id"}) {
                    const auto ids = parseMessageIds(group.value(name));
                    if (!ids.empty()) return ids.front();
                }
            }
        }
        if (std::string id = envelopeId(); !id.empty()) return id;
        if (!mail_.in_reply_to.empty()) return mail_.in_reply_to;
        return mail_.references.empty() ? "" : mail_.references.back();
    }

    const MessageNode& root_;
    const Mail& mail_;
    MailBounce bounce_;
    BounceText text_;
    std::map<std::string, BounceRecipient> prose_;  // by address in small letters
    std::optional<bool> is_delayed_;
    std::map<std::string, std::string> categories_;  // by address
    bool is_prose_read_ = false;
};

}  // namespace

std::optional<MailBounce> readBounce(const MessageNode& root, const Mail& mail) {
    return BounceReader(root, mail).run();
}

}  // namespace signalbox::mime

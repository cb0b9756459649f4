#include "connectors/email/mime/ses_notification.h"

#include "base/json.h"
#include "connectors/email/mime/ascii.h"
#include "connectors/email/mime/header_text.h"

namespace signalbox::mime {
namespace {

std::string diagnosticOf(const Json& recipient) {
    std::string words = textAt(recipient, "diagnosticCode");
    const auto semi = words.find(';');
    return semi == std::string::npos || semi > 20 ? words : std::string(trimmed(words.substr(semi + 1)));
}

std::string idOf(const Json& mail) {
    std::string id = textAt(memberAt(mail, "commonHeaders"), "messageId");
    for (const Json& header : memberAt(mail, "headers"))
        if (equalsIgnoringCase(textAt(header, "name"), "message-id")) id = textAt(header, "value");
    const auto ids = parseMessageIds(id);
    return ids.empty() ? textAt(mail, "messageId") : ids.front();
}

void addBounces(const Json& bounce, SesNotification& notification) {
    for (const Json& one : memberAt(bounce, "bouncedRecipients")) {
        BounceRecipient recipient;
        recipient.address = textAt(one, "emailAddress");
        recipient.action = lowered(textAt(one, "action", "failed"));
        recipient.status = textAt(one, "status");
        recipient.diagnostic = diagnosticOf(one);
        if (recipient.diagnostic.empty()) recipient.diagnostic = textAt(bounce, "bounceSubType");
        if (!recipient.address.empty()) notification.recipients.push_back(std::move(recipient));
    }
}

void addDeliveries(const Json& delivery, SesNotification& notification) {
    for (const Json& one : memberAt(delivery, "recipients")) {
        if (!one.is_string()) continue;
        BounceRecipient recipient;
        recipient.address = one.get<std::string>();
        recipient.action = "delivered";
        recipient.status = "2.0.0";
        recipient.diagnostic = textAt(delivery, "smtpResponse");
        notification.recipients.push_back(std::move(recipient));
    }
}

}  // namespace

std::optional<SesNotification> readSesNotification(std::string_view text) {
    text = trimmed(text);
    if (!text.starts_with('{') || !contains(text, "notificationType")) return std::nullopt;
    text = trimmed(text.substr(0, text.find("\n--\n")));
    auto json = parseJson(text);
    if (json && memberAt(*json, "Message").is_string()) json = parseJson(textAt(*json, "Message"));
    if (!json) return std::nullopt;
    SesNotification notification;
    const std::string kind = textAt(*json, "notificationType");
    if (kind == "Bounce") {
        addBounces(memberAt(*json, "bounce"), notification);
    } else if (kind == "Delivery") {
        notification.kind = SesNotification::Kind::Delivery;
        addDeliveries(memberAt(*json, "delivery"), notification);
    } else if (kind == "Complaint") {
        notification.kind = SesNotification::Kind::Complaint;
    } else {
        return std::nullopt;
    }
    if (notification.kind != SesNotification::Kind::Complaint && notification.recipients.empty())
        return std::nullopt;
    notification.original_message_id = idOf(memberAt(*json, "mail"));
    return notification;
}

}  // namespace signalbox::mime

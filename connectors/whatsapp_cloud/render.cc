#include "connectors/whatsapp_cloud/render.h"

#include "connectors/whatsapp_cloud/errors.h"
#include "connectors/whatsapp_cloud/identity.h"

namespace signalbox::whatsapp_cloud {
namespace {

using namespace std::chrono_literals;

constexpr auto kWindow = 24h - 60s;

Error invalid(std::string message) {
    return {ErrorKind::Invalid, "whatsapp send: " + std::move(message), {}, "bad_message"};
}

// Outside of the window WhatsApp lets only templates through. Who never wrote has no window.
Status checkWindow(const OutboundMessage& message, TimePoint now) {
    const bool is_free = message.type == "template" || message.to.kind == "group";
    if (is_free || (message.last_inbound_at && now - *message.last_inbound_at < kWindow)) return Done{};
    return Error{
        ErrorKind::Rejected,
        message.last_inbound_at
            ? "whatsapp send: the other side last wrote more than 24 hours ago; send a template instead"
            : "whatsapp send: the other side has not written yet; send a template instead",
        {},
        std::to_string(kOutsideWindow)};
}

// Where to: a phone number, a business-scoped user id, or a group.
Status address(Json& body, const Identity& to) {
    if (to.value.empty()) return invalid("to: empty");
    body["recipient_type"] = to.kind == "group" ? "group" : "individual";
    if (to.kind == "wa_user_id") {
        body["recipient"] = to.value;
    } else if (to.kind == "phone") {
        body["to"] = to.value.starts_with('+') ? to.value.substr(1) : to.value;
    } else if (to.kind == "group") {
        body["to"] = to.value;
    } else {
        return invalid("to: WhatsApp reaches phone, wa_user_id and group, not " + to.kind);
    }
    return Done{};
}

// What a status callback brings back, so that an unanswered send can be found again.
std::string reference(const OutboundMessage& message) {
    return message.id != 0 ? idText(kMessageId, message.id) : message.idempotency_key;
}

HttpRequest post(const WhatsappConfig& config, const Json& body) {
    return {
        "POST",
        graphUrl(config, config.phone_number_id + "/messages"),
        {{"Authorization", "Bearer " + config.access_token.reveal()}, {"Content-Type", "application/json"}},
        dumpJson(body)};
}

// Marks a message as read, and with content.typing shows that an answer is being written.
Result<HttpRequest> renderMark(const OutboundMessage& message, const WhatsappConfig& config) {
    if (message.in_reply_to.empty()) return invalid("mark_read: needs the id of the message that was read");
    Json body = {{"messaging_product", "whatsapp"}, {"status", "read"}, {"message_id", message.in_reply_to}};
    if (flagAt(message.content, "typing")) body["typing_indicator"] = {{"type", "text"}};
    return post(config, body);
}

}  // namespace

Result<HttpRequest> render(const OutboundMessage& message, const WhatsappConfig& config, TimePoint now) {
    if (message.type == "mark_read") return renderMark(message, config);
    auto body = renderContent(message);
    if (!body) return body.error();
    if (auto open = checkWindow(message, now); !open) return open.error();
    if (auto done = address(*body, message.to); !done) return done.error();
    (*body)["messaging_product"] = "whatsapp";
    (*body)["type"] = message.type;
    if (!message.in_reply_to.empty() && message.type != "reaction")
        (*body)["context"] = {{"message_id", message.in_reply_to}};
    if (std::string ours = reference(message); !ours.empty())
        (*body)["biz_opaque_callback_data"] = std::move(ours);
    return post(config, *body);
}

}  // namespace signalbox::whatsapp_cloud

// What a message is apart from its content: who, where, when, and what it refers to.
#include <algorithm>
#include <iterator>

#include "connectors/whatsapp_cloud/elements.h"
#include "connectors/whatsapp_cloud/errors.h"
#include "connectors/whatsapp_cloud/identity.h"

namespace signalbox::whatsapp_cloud {
namespace {

void readPeople(Envelope& envelope, Json& message, const Surroundings& around) {
    const bool is_echo = around.direction == Direction::Outbound;
    Peer peer = peerFrom(takeText(message, is_echo ? "to" : "from"),
                         takeText(message, is_echo ? "to_user_id" : "from_user_id"), around.contacts);
    envelope.from = std::move(peer.participant);
    envelope.thread_key = std::move(peer.thread_key);
    if (!peer.username.empty()) envelope.content["username"] = std::move(peer.username);
    std::string group = takeText(message, "group_id");
    if (!group.empty()) envelope.thread_key = "group:" + std::move(group);
}

// A reply, a forward, or a product that the message is about. A context without id is legal.
void readContext(Envelope& envelope, Json& message) {
    Json* context = find(message, "context");
    if (context == nullptr) return;
    envelope.in_reply_to = takeText(*context, "id");
    if (flagAt(*context, "forwarded")) envelope.content["forwarded"] = true;
    if (flagAt(*context, "frequently_forwarded")) envelope.content["frequently_forwarded"] = true;
    if (find(*context, "referred_product") != nullptr)
        envelope.content["referred_product"] = take(*context, "referred_product");
}

bool readReaction(Envelope& envelope, Json& body) {
    envelope.kind = EnvelopeKind::Reaction;
    envelope.target = takeText(body, "message_id");
    envelope.text = takeText(body, "emoji");  // without one the reaction was taken back
    return !envelope.target.empty();
}

bool readRevoke(Envelope& envelope, Json& body) {
    envelope.kind = EnvelopeKind::Delete;
    envelope.target = takeText(body, "original_message_id");
    return !envelope.target.empty();
}

bool readEdit(Envelope& envelope, Json& body) {
    envelope.kind = EnvelopeKind::Edit;
    envelope.target = takeText(body, "original_message_id");
    Json edited = take(body, "message");
    const std::string type = textAt(edited, "type");
    if (!readContent(envelope, type, edited)) return false;
    envelope.content["edited_type"] = type;
    return !envelope.target.empty();
}

// A notice: nobody wrote anything. A change of number names both numbers, so that they stay one person.
bool readSystem(Envelope& envelope, Json& message, Json& body) {
    envelope.kind = EnvelopeKind::Notice;
    const std::string what = takeText(body, "type");
    envelope.text = takeText(body, "body");
    std::string wa_id = takeText(body, "wa_id");
    if (wa_id.empty()) wa_id = takeText(body, "new_wa_id");
    auto& identities = envelope.from.identities;
    if (!wa_id.empty()) {
        Identity now{isUserId(wa_id) ? "wa_user_id" : "phone", phoneFrom(wa_id)};
        envelope.content["old"] = identities.empty() ? std::string() : identities.front().value;
        envelope.content["new"] = now.value;
        if (std::find(identities.begin(), identities.end(), now) == identities.end())
            identities.insert(identities.begin(), std::move(now));
    }
    if (find(message, "identity") != nullptr) envelope.content["identity"] = take(message, "identity");
    envelope.content["system_type"] = what;
    const bool is_number = what == "user_changed_number" || what == "customer_changed_number";
    envelope.type = is_number                             ? "number_changed"
                    : what == "customer_identity_changed" ? "identity_changed"
                                                          : "system";
    return true;
}

bool readBody(Envelope& envelope, const std::string& type, Json& message) {
    Json* body = find(message, type);
    if (body == nullptr) return false;
    if (type == "system") return readSystem(envelope, message, *body);
    if (type != "reaction" && type != "revoke" && type != "edit") return readContent(envelope, type, message);
    const bool is_read = type == "reaction" ? readReaction(envelope, *body)
                         : type == "revoke" ? readRevoke(envelope, *body)
                                            : readEdit(envelope, *body);
    envelope.type = type;
    return is_read;
}

}  // namespace

Result<Envelope> messageFrom(Json& message, const Surroundings& around) {
    Envelope envelope;
    envelope.external_id = takeText(message, "id");
    if (envelope.external_id.empty()) return Error{ErrorKind::Invalid, "hold an element without an id"};
    envelope.dedup_key = envelope.external_id;
    envelope.channel = kChannel;
    envelope.direction = around.direction;
    envelope.provider_time = timeFrom(memberAt(message, "timestamp"));
    readPeople(envelope, message, around);
    readContext(envelope, message);
    if (!around.foreign_phone_number_id.empty())
        envelope.content["phone_number_id"] = around.foreign_phone_number_id;
    if (find(message, "referral") != nullptr) envelope.content["referral"] = take(message, "referral");

    const std::string type = textAt(message, "type");
    if (!readBody(envelope, type, message)) readUnsupported(envelope, type, message, around.errors);
    const bool needs_people =
        envelope.kind == EnvelopeKind::Message || envelope.kind == EnvelopeKind::Reaction;
    if (needs_people && envelope.from.identities.empty())
        return Error{ErrorKind::Invalid, "hold an element that names nobody"};
    return envelope;
}

}  // namespace signalbox::whatsapp_cloud

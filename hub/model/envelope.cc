#include "hub/model/envelope.h"

namespace signalbox {
namespace {

void put(Json& out, const char* key, const std::string& value) {
    if (!value.empty()) out[key] = value;
}

Json participantJson(const Participant& from) {
    Json out = Json::object();
    put(out, "name", from.name);
    for (const auto& identity : from.identities) {
        out["identities"].push_back({{"kind", identity.kind}, {"value", identity.value}});
    }
    return out;
}

Json statusJson(const StatusUpdate& status) {
    Json out = {{"state", toString(status.state)}};
    put(out, "code", status.code);
    put(out, "text", status.text);
    put(out, "recipient", status.recipient);
    put(out, "reference", status.reference);
    if (status.is_retryable) out["is_retryable"] = true;
    return out;
}

Participant participantFrom(const Json& json) {
    Participant from{{}, textAt(json, "name")};
    for (const Json& identity : memberAt(json, "identities")) {
        from.identities.push_back({textAt(identity, "kind"), textAt(identity, "value")});
    }
    return from;
}

StatusUpdate statusFrom(const Json& json) {
    return {parseDeliveryState(textAt(json, "state")).value_or(DeliveryState::Accepted),
            textAt(json, "code"),
            textAt(json, "text"),
            textAt(json, "recipient"),
            textAt(json, "reference"),
            flagAt(json, "is_retryable")};
}

Attachment attachmentFrom(const Json& json) {
    return {textAt(json, "kind"),   textAt(json, "media_id"), textAt(json, "url"),
            textAt(json, "mime"),   textAt(json, "filename"), textAt(json, "caption"),
            textAt(json, "sha256"), flagAt(json, "is_voice")};
}

EnvelopeKind kindFrom(const std::string& word) {
    for (const auto kind : {EnvelopeKind::Message, EnvelopeKind::Status, EnvelopeKind::Reaction,
                            EnvelopeKind::Edit, EnvelopeKind::Delete, EnvelopeKind::Event}) {
        if (word == toString(kind)) return kind;
    }
    return EnvelopeKind::Notice;
}

}  // namespace

bool mayReplace(DeliveryState current, DeliveryState next) {
    if (current == DeliveryState::Failed)
        return next == DeliveryState::Delivered || next == DeliveryState::Read;
    if (next == DeliveryState::Delayed)
        return current == DeliveryState::Accepted || current == DeliveryState::Sent;
    if (next == DeliveryState::Failed) return current < DeliveryState::Delivered;
    return next > current;
}

const char* toString(EnvelopeKind kind) {
    switch (kind) {
        case EnvelopeKind::Message:
            return "message";
        case EnvelopeKind::Status:
            return "status";
        case EnvelopeKind::Reaction:
            return "reaction";
        case EnvelopeKind::Edit:
            return "edit";
        case EnvelopeKind::Delete:
            return "delete";
        case EnvelopeKind::Notice:
            return "notice";
        case EnvelopeKind::Event:
            return "event";
    }
    return "notice";
}

const char* toString(Direction direction) {
    return direction == Direction::Inbound ? "in" : "out";
}

const char* toString(DeliveryState state) {
    switch (state) {
        case DeliveryState::Delayed:
            return "delayed";
        case DeliveryState::Accepted:
            return "accepted";
        case DeliveryState::Sent:
            return "sent";
        case DeliveryState::Delivered:
            return "delivered";
        case DeliveryState::Read:
            return "read";
        case DeliveryState::Failed:
            return "failed";
    }
    return "accepted";
}

std::optional<DeliveryState> parseDeliveryState(std::string_view text) {
    for (const auto state : {DeliveryState::Delayed, DeliveryState::Accepted, DeliveryState::Sent,
                             DeliveryState::Delivered, DeliveryState::Read, DeliveryState::Failed}) {
        if (text == toString(state)) return state;
    }
    return std::nullopt;
}

Json toJson(const Attachment& attachment) {
    Json out = {{"kind", attachment.kind}};
    put(out, "media_id", attachment.media_id);
    put(out, "url", attachment.url);
    put(out, "mime", attachment.mime);
    put(out, "filename", attachment.filename);
    put(out, "caption", attachment.caption);
    put(out, "sha256", attachment.sha256);
    if (attachment.is_voice) out["is_voice"] = true;
    return out;
}

Json toJson(const Envelope& envelope) {
    Json out = {{"kind", toString(envelope.kind)}, {"direction", toString(envelope.direction)}};
    put(out, "external_id", envelope.external_id);
    put(out, "dedup_key", envelope.dedup_key);
    put(out, "channel", envelope.channel);
    put(out, "thread_key", envelope.thread_key);
    put(out, "in_reply_to", envelope.in_reply_to);
    put(out, "type", envelope.type);
    put(out, "text", envelope.text);
    put(out, "target", envelope.target);
    put(out, "event_type", envelope.event_type);
    if (!envelope.from.identities.empty() || !envelope.from.name.empty())
        out["from"] = participantJson(envelope.from);
    for (const auto& attachment : envelope.attachments) out["attachments"].push_back(toJson(attachment));
    if (!envelope.content.empty()) out["content"] = envelope.content;
    if (envelope.kind == EnvelopeKind::Status) out["status"] = statusJson(envelope.status);
    if (envelope.provider_time) out["provider_time"] = toRfc3339(*envelope.provider_time);
    return out;
}

Envelope fromJson(const Json& json) {
    Envelope envelope;
    envelope.kind = kindFrom(textAt(json, "kind"));
    envelope.external_id = textAt(json, "external_id");
    envelope.dedup_key = textAt(json, "dedup_key");
    envelope.direction = textAt(json, "direction") == "out" ? Direction::Outbound : Direction::Inbound;
    envelope.channel = textAt(json, "channel");
    envelope.thread_key = textAt(json, "thread_key");
    envelope.in_reply_to = textAt(json, "in_reply_to");
    envelope.from = participantFrom(memberAt(json, "from"));
    envelope.type = textAt(json, "type");
    envelope.text = textAt(json, "text");
    for (const Json& attachment : memberAt(json, "attachments")) {
        envelope.attachments.push_back(attachmentFrom(attachment));
    }
    if (memberAt(json, "content").is_object()) envelope.content = memberAt(json, "content");
    envelope.target = textAt(json, "target");
    envelope.status = statusFrom(memberAt(json, "status"));
    envelope.event_type = textAt(json, "event_type");
    envelope.provider_time = parseRfc3339(textAt(json, "provider_time"));
    return envelope;
}

}  // namespace signalbox

#include "hub/outbox/outbox_row.h"

#include <algorithm>
#include <array>
#include "base/own_json.h"

namespace signalbox {
namespace {

Attachment attachmentFrom(const Json& json) {
    return {textAt(json, "kind"),   textAt(json, "media_id"), textAt(json, "url"),
            textAt(json, "mime"),   textAt(json, "filename"), textAt(json, "caption"),
            textAt(json, "sha256"), flagAt(json, "is_voice")};
}

// What we wrote ourselves; should it ever not parse, the connector refuses the empty message with a reason.
Json parseOwn(std::string_view text) {
    auto json = parseJson(text, kOwnJson);
    return json ? std::move(*json) : Json::object();
}

}  // namespace

const char* toString(OutboxKind kind) {
    switch (kind) {
        case OutboxKind::Message:
            return "message";
        case OutboxKind::Mark:
            return "mark";
        case OutboxKind::Http:
            return "http";
        case OutboxKind::Media:
            return "media";
        case OutboxKind::Letter:
            return "letter";
        case OutboxKind::Copy:
            return "copy";
    }
    return "message";
}

OutboxKind parseOutboxKind(std::string_view word) {
    for (const auto kind :
         {OutboxKind::Mark, OutboxKind::Http, OutboxKind::Media, OutboxKind::Letter, OutboxKind::Copy}) {
        if (word == toString(kind)) return kind;
    }
    return OutboxKind::Message;
}

OutboundMessage toOutbound(const Lease& lease, const Account& account) {
    const Json request = parseOwn(lease.request);
    OutboundMessage message;
    message.id = lease.message;
    message.account = account.name;
    message.idempotency_key = lease.idempotency_key;
    message.to = {textAt(memberAt(request, "to"), "kind"), textAt(memberAt(request, "to"), "value")};
    message.type = textAt(request, "type", "text");
    message.text = textAt(request, "text");
    message.in_reply_to = lease.in_reply_to.empty() ? textAt(request, "in_reply_to") : lease.in_reply_to;
    for (const Json& attachment : memberAt(request, "attachments")) {
        message.attachments.push_back(attachmentFrom(attachment));
    }
    if (memberAt(request, "content").is_object()) message.content = memberAt(request, "content");
    message.last_inbound_at = lease.last_inbound_at;
    message.attempt = lease.attempts + lease.deferrals + 1;
    message.may_have_left = lease.may_have_left;
    message.is_unanswered = lease.is_unanswered;
    message.was_leaving = lease.was_leaving;
    message.progress = lease.progress;
    return message;
}

Attachment toAttachment(const Lease& lease) {
    return attachmentFrom(parseOwn(lease.request));
}

bool isRepeatable(OutboxKind kind, std::string_view request, const Account* account) {
    if (kind == OutboxKind::Mark || kind == OutboxKind::Media || kind == OutboxKind::Copy) return true;
    if (account != nullptr && account->is_send_idempotent) return true;
    if (kind != OutboxKind::Http) return false;
    constexpr std::array kIdempotent = {"GET", "HEAD", "OPTIONS", "PUT", "DELETE"};  // RFC 9110, 9.2.2
    const Json content = memberAt(parseOwn(request), "content");
    // A signed webhook has an id by which its receiver knows it again (Standard Webhooks).
    if (!textAt(memberAt(content, "signature"), "credential").empty()) return true;
    const std::string method = textAt(content, "method", "GET");
    return std::any_of(kIdempotent.begin(), kIdempotent.end(),
                       [&](const char* word) { return method == word; });
}

bool isUncertain(const std::string& error) {
    const auto json = parseJson(error);
    return json && textAt(*json, "kind") == toString(ErrorKind::Uncertain);
}

TryResult outOfTime(TryResult::State state) {
    TryResult result;
    result.state = state;
    result.error = {ErrorKind::Unavailable, "send: not possible within its time", {}, "expired"};
    if (state == TryResult::State::Uncertain) {
        result.error.kind = ErrorKind::Uncertain;
        result.error.message += "; an earlier try may have sent it";
    }
    result.is_counted = false;
    return result;
}

}  // namespace signalbox

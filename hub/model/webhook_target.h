// How a request names a webhook subscription as its target: where others name a credential stands
// "webhook:whk_…", which is no name that a credential can have. Whoever sends it asks for the address and the
// keys at that moment, so a change or a rotation serves what already waits.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "base/json.h"

namespace signalbox {

inline constexpr std::string_view kWebhookId = "whk";

inline std::string webhookTarget(Id subscription) {
    return "webhook:" + idText(kWebhookId, subscription);
}

// Nothing when the text names no subscription.
inline std::optional<Id> webhookOf(std::string_view target) {
    constexpr std::string_view kPrefix = "webhook:";
    if (!target.starts_with(kPrefix)) return std::nullopt;
    return parseId(kWebhookId, target.substr(kPrefix.size()));
}

// The content of the request (connectors/http/README.md) that delivers `body`.
inline Json webhookRequest(Id subscription, Json body) {
    const std::string target = webhookTarget(subscription);
    return {{"method", "POST"},
            {"credential", target},
            {"signature", {{"credential", target}}},
            {"body", std::move(body)},
            {"timeout_s", 20}};
}

}  // namespace signalbox

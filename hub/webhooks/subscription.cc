#include "hub/webhooks/subscription.h"

#include <algorithm>

#include "base/crypto.h"

namespace signalbox {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kMaxUrl = 2'000, kMaxDescription = 500, kMaxEvents = 100, kMaxEventName = 100;
constexpr std::size_t kSecretBytes = 24;
constexpr std::string_view kSecretPrefix = "whsec_";
constexpr auto kOverlap = 24h;

Error fault(const char* member, std::string_view what) {
    return {ErrorKind::Invalid, std::string(member) + ": " + std::string(what)};
}

bool isPattern(std::string_view text) {
    if (text == "*") return true;
    if (text.ends_with(".*")) text.remove_suffix(2);
    return isEventName(text);
}

Status readEvents(WebhookSubscription& out, const Json& events) {
    const Error wrong =
        fault("events", "must be a list of 1 to 100 types or patterns: lead.created, lead.*, *");
    if (!events.is_array() || events.empty() || events.size() > kMaxEvents) return wrong;
    out.events.clear();
    for (const Json& one : events) {
        if (!one.is_string() || !isPattern(one.get_ref<const std::string&>())) return wrong;
        out.events.push_back(one.get<std::string>());
    }
    return Done{};
}

Secret keyOf(const std::string& secret) {
    return Secret(fromBase64(std::string_view(secret).substr(kSecretPrefix.size())).value_or(secret));
}

}  // namespace

bool isEventName(std::string_view text) {
    return !text.empty() && text.size() <= kMaxEventName &&
           text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789._-") == std::string_view::npos;
}

bool WebhookSubscription::wants(std::string_view type) const {
    return std::any_of(events.begin(), events.end(), [&](const std::string& pattern) {
        if (!pattern.ends_with('*')) return pattern == type;
        return type.starts_with(std::string_view(pattern).substr(0, pattern.size() - 1));
    });
}

Result<WebhookSubscription> readSubscription(const Json& form, WebhookSubscription before) {
    if (!form.is_object()) return fault("body", "must be an object with url and events");
    WebhookSubscription out = std::move(before);
    for (const auto& [name, value] : form.items()) {
        if (name == "events") {
            if (auto read = readEvents(out, value); !read) return read.error();
            continue;
        }
        if (name != "url" && name != "description" && name != "state")
            return fault(name.substr(0, 40).c_str(), "is no member of a subscription");
        if (!value.is_string()) return fault(name.c_str(), "must be a text");
        const std::string& text = value.get_ref<const std::string&>();
        if (name == "url") out.url = text;
        if (name == "description") out.description = text;
        if (name != "state") continue;
        if (text != "active" && text != "disabled") return fault("state", "must be active or disabled");
        out.is_active = text == "active";
    }
    if (out.url.empty() || out.url.size() > kMaxUrl) return fault("url", "1 to 2000 bytes");
    if (out.description.size() > kMaxDescription) return fault("description", "at most 500 bytes");
    if (out.events.empty()) return fault("events", "is missing; [\"*\"] means all");
    return out;
}

WebhookSecrets WebhookSecrets::fresh() {
    return {std::string(kSecretPrefix) + toBase64(randomBytes(kSecretBytes)), "", {}};
}

WebhookSecrets WebhookSecrets::rotated(TimePoint now) const {
    return {fresh().current, current, now + kOverlap};
}

std::vector<Secret> WebhookSecrets::keys(TimePoint now) const {
    std::vector<Secret> out{keyOf(current)};
    if (!previous.empty() && now < previous_until) out.push_back(keyOf(previous));
    return out;
}

}  // namespace signalbox

#include "workflow/engine/event_waits.h"

namespace signalbox::workflow {
namespace {

constexpr std::string_view kPrefix = "event:", kConversation = "conversation";
constexpr std::size_t kMaxValue = 512;

}  // namespace

std::string EventKey::text() const {
    return std::string(kPrefix) + type + ":" + path + "=" + value;
}

std::optional<EventKey> EventKey::parse(std::string_view text) {
    if (!text.starts_with(kPrefix)) return std::nullopt;
    text.remove_prefix(kPrefix.size());
    const auto colon = text.find(':');
    const auto equals = colon == std::string_view::npos ? colon : text.find('=', colon);
    if (equals == std::string_view::npos) return std::nullopt;
    return EventKey{std::string(text.substr(0, colon)),
                    std::string(text.substr(colon + 1, equals - colon - 1)),
                    std::string(text.substr(equals + 1))};
}

std::string valueAt(const Json& event, std::string_view path, Id conversation) {
    if (path == kConversation) return conversation == 0 ? "" : idText(kConversationId, conversation);
    const Json* at = &event;
    while (!path.empty()) {
        const auto dot = path.find('.');
        at = &memberAt(*at, path.substr(0, dot));
        path = dot == std::string_view::npos ? std::string_view{} : path.substr(dot + 1);
    }
    if (at->is_null() || at->is_structured()) return "";
    const std::string value = at->is_string() ? at->get<std::string>() : dumpJson(*at);
    return value.size() > kMaxValue ? "" : value;
}

void EventWaits::load(Store& store) {
    store.read([&](Reader& reader) {
        for (const Row& row : reader.query("SELECT DISTINCT wait_key FROM run_waits")) note(row.text(0));
    });
}

void EventWaits::note(std::string_view wait_key) {
    const auto key = EventKey::parse(wait_key);
    if (!key) return;
    std::lock_guard lock(mutex_);
    paths_[key->type].insert(key->path);
}

bool EventWaits::listens(const std::string& type) const {
    std::lock_guard lock(mutex_);
    return paths_.contains(type);
}

std::vector<std::string> EventWaits::keysOf(const std::string& type, const Json& event,
                                            Id conversation) const {
    std::set<std::string> paths;
    {
        std::lock_guard lock(mutex_);
        if (const auto known = paths_.find(type); known != paths_.end()) paths = known->second;
    }
    std::vector<std::string> keys;
    for (const auto& path : paths) {
        const std::string value = path.empty() ? "" : valueAt(event, path, conversation);
        if (path.empty() || !value.empty()) keys.push_back(EventKey{type, path, value}.text());
    }
    return keys;
}

}  // namespace signalbox::workflow

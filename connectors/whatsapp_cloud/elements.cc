#include "connectors/whatsapp_cloud/elements.h"

#include <charconv>

#include "base/crypto.h"

namespace signalbox::whatsapp_cloud {

Json* find(Json& object, std::string_view key) {
    if (!object.is_object()) return nullptr;
    const auto it = object.find(key);
    return it == object.end() ? nullptr : &*it;
}

std::string takeText(Json& object, std::string_view key) {
    Json* member = find(object, key);
    if (member == nullptr || !member->is_string()) return {};
    return std::move(member->get_ref<std::string&>());
}

Json take(Json& object, std::string_view key) {
    Json* member = find(object, key);
    return member == nullptr ? Json() : std::move(*member);
}

std::span<Json> elementsOf(Json& object, std::string_view key) {
    Json* member = find(object, key);
    if (member == nullptr || !member->is_array()) return {};
    return member->get_ref<Json::array_t&>();
}

std::optional<TimePoint> timeFrom(const Json& seconds) {
    constexpr std::int64_t kLatest = 253402300799;  // the year 9999
    std::int64_t count = 0;
    if (seconds.is_number_integer()) count = seconds.get<std::int64_t>();
    if (seconds.is_string()) {
        const auto& text = seconds.get_ref<const std::string&>();
        std::from_chars(text.data(), text.data() + text.size(), count);
    }
    if (count <= 0 || count > kLatest) return std::nullopt;
    return TimePoint(std::chrono::seconds(count));
}

std::string keyFrom(const char* prefix, const Json& content) {
    return prefix + toHex(hash(HashAlgorithm::Sha256, dumpJson(content)));
}

}  // namespace signalbox::whatsapp_cloud

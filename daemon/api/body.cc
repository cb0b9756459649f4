#include "daemon/api/body.h"

#include <algorithm>

namespace signalbox::api {
namespace {

constexpr std::size_t kMaxObject = 64 * 1024;

}  // namespace

Body::Body(const Json& json, std::initializer_list<std::string_view> known) : json_(json) {
    if (json.is_null()) return;
    if (!json.is_object()) {
        fault("body", "must be a JSON object");
        return;
    }
    for (const auto& [name, value] : json.items()) {
        if (std::find(known.begin(), known.end(), name) == known.end())
            fault(name.substr(0, 80), "unknown field");
    }
}

void Body::mustBeThere() {
    if (json_.is_null()) fault("body", "is missing: send a JSON object");
}

void Body::fault(std::string_view name, std::string_view what) {
    if (!status_) return;
    status_ = Error{ErrorKind::Invalid, std::string(name) + ": " + std::string(what), {}, "invalid_request"};
}

std::string Body::text(std::string_view name, std::size_t longest) {
    const Json& value = member(name);
    if (value.is_null()) return "";
    if (!value.is_string()) {
        fault(name, "must be a text");
        return "";
    }
    auto text = value.get<std::string>();
    if (text.size() > longest) fault(name, "longer than " + std::to_string(longest) + " bytes");
    if (text.find('\0') != std::string::npos) fault(name, "must not hold a NUL character");
    return text;
}

std::string Body::requiredText(std::string_view name, std::size_t longest) {
    auto value = text(name, longest);
    if (value.empty()) fault(name, "is missing");
    return value;
}

std::string Body::word(std::string_view name, std::initializer_list<std::string_view> words) {
    const auto value = text(name);
    if (value.empty()) return std::string(*words.begin());
    if (std::find(words.begin(), words.end(), value) != words.end()) return value;
    std::string known;
    for (const auto& one : words) known.append(known.empty() ? "" : ", ").append(one);
    fault(name, "must be one of: " + known);
    return std::string(*words.begin());
}

std::optional<bool> Body::flag(std::string_view name) {
    const Json& value = member(name);
    if (value.is_null()) return std::nullopt;
    if (!value.is_boolean()) {
        fault(name, "must be true or false");
        return std::nullopt;
    }
    return value.get<bool>();
}

std::optional<std::int64_t> Body::number(std::string_view name, std::int64_t least, std::int64_t most) {
    const Json& value = member(name);
    if (value.is_null()) return std::nullopt;
    const bool is_good = value.is_number_integer() && value >= least && value <= most;
    if (is_good) return value.get<std::int64_t>();
    fault(name, "must be a whole number from " + std::to_string(least) + " to " + std::to_string(most));
    return std::nullopt;
}

std::optional<TimePoint> Body::time(std::string_view name) {
    const auto value = text(name, 64);
    if (value.empty()) return std::nullopt;
    const auto time = parseRfc3339(value);
    if (!time) fault(name, "must be a time like 2026-11-26T09:00:00Z");
    return time;
}

std::optional<Id> Body::id(std::string_view name, std::string_view prefix) {
    if (!has(name)) return std::nullopt;
    const auto value = text(name);
    if (value.empty()) return Id{0};
    const auto id = parseId(prefix, value);
    if (!id) fault(name, "must be an id like " + idText(prefix, 1));
    return id.value_or(0);
}

Id Body::requiredId(std::string_view name, std::string_view prefix) {
    const Id value = id(name, prefix).value_or(0);
    if (value == 0) fault(name, "is missing");
    return value;
}

std::vector<std::string> Body::texts(std::string_view name, std::size_t most) {
    std::vector<std::string> out;
    const Json& value = member(name);
    if (value.is_null()) return out;
    const bool is_good = value.is_array() && value.size() <= most &&
                         std::all_of(value.begin(), value.end(), [](const Json& one) {
                             return one.is_string() && one.get_ref<const std::string&>().size() <= 2'048;
                         });
    if (!is_good) {
        fault(name, "must be a list of at most " + std::to_string(most) + " texts");
        return out;
    }
    for (const Json& one : value) out.push_back(one.get<std::string>());
    return out;
}

std::vector<Id> Body::ids(std::string_view name, std::string_view prefix, std::size_t most) {
    std::vector<Id> out;
    for (const std::string& text : texts(name, most)) {
        const auto id = parseId(prefix, text);
        if (!id) fault(name, "must hold ids like " + idText(prefix, 1));
        out.push_back(id.value_or(0));
    }
    return out;
}

Json Body::list(std::string_view name) {
    const Json& value = member(name);
    if (value.is_array()) return value;
    if (!value.is_null()) fault(name, "must be a list");
    return Json::array();
}

Json Body::object(std::string_view name) {
    const Json& value = member(name);
    if (value.is_null()) return Json::object();
    if (!value.is_object()) {
        fault(name, "must be an object");
        return Json::object();
    }
    if (dumpJson(value).size() > kMaxObject) fault(name, "longer than 65536 bytes");
    return value;
}

}  // namespace signalbox::api

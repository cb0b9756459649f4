#include "workflow/event_types.h"

#include <algorithm>
#include <memory>

#include "scripts/dev/embedded.h"

namespace signalbox::workflow {
namespace {

constexpr std::string_view kEnding = ".schema.json", kCustom = "custom.";

}  // namespace

const std::vector<EventType>& eventTypes() {
    static const auto types = [] {
        static std::vector<std::unique_ptr<const ParamsSchema>> schemas;
        std::vector<EventType> out;
        for (const auto& [file, text] : embedded::events()) {
            schemas.push_back(std::make_unique<const ParamsSchema>(std::string(text)));
            out.push_back({std::string(file.substr(0, file.size() - kEnding.size())),
                           flagAt(schemas.back()->json(), "x-appendable"), schemas.back().get()});
        }
        std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
        return out;
    }();
    return types;
}

const EventType* findEventType(std::string_view name) {
    const auto& types = eventTypes();
    const auto at = std::lower_bound(types.begin(), types.end(), name,
                                     [](const auto& each, auto wanted) { return each.name < wanted; });
    return at != types.end() && at->name == name ? &*at : nullptr;
}

bool isCustomType(std::string_view name) {
    if (!name.starts_with(kCustom) || name.size() == kCustom.size() || name.size() > 100) return false;
    return std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
    });
}

std::vector<std::string> eventTypesLike(std::string_view pattern) {
    if (isCustomType(pattern)) return {std::string(pattern)};
    std::vector<std::string> out;
    const bool is_open = pattern == "*" || pattern.ends_with(".*");
    const auto start = is_open ? pattern.substr(0, pattern.size() - 1) : pattern;
    for (const auto& type : eventTypes())
        if (is_open ? type.name.starts_with(start) : type.name == pattern) out.push_back(type.name);
    return out;
}

Status checkAppendable(std::string_view type, const Json& data) {
    if (!data.is_object()) return Error{ErrorKind::Invalid, "data: an object", {}, "event_invalid"};
    if (isCustomType(type)) return Done{};
    const auto* known = findEventType(type);
    const std::string shown(type.substr(0, 100));
    if (known == nullptr)
        return Error{ErrorKind::Invalid,
                     "type: there is no event " + shown +
                         "; GET /api/v1/event-types lists them, own ones begin with custom.",
                     {},
                     "event_type_unknown"};
    if (!known->is_appendable)
        return Error{ErrorKind::Invalid,
                     "type: " + shown + " is told by signalbox itself, nobody else may append it",
                     {},
                     "event_type_reserved"};
    for (const auto& fault : known->schema->validate(data))
        return Error{ErrorKind::Invalid,
                     "data" + (fault.path.empty() ? "" : "." + fault.path) + ": " + fault.message,
                     {},
                     "event_invalid"};
    return Done{};
}

}  // namespace signalbox::workflow

#include "hub/inbox/field_kinds.h"

#include <algorithm>

#include "base/clock.h"

namespace signalbox {
namespace {

constexpr std::size_t kMostItems = 100, kLongestText = 500;

Error fault(const std::string& member, const std::string& what) {
    return {ErrorKind::Invalid, "content." + member + ": " + what, {}, "invalid_request"};
}

Status checkTime(const Json& content, const char* name, bool is_required) {
    const Json& value = memberAt(content, name);
    if (value.is_null()) return is_required ? Status(fault(name, "is missing")) : Status(Done{});
    if (value.is_string() && parseRfc3339(value.get_ref<const std::string&>())) return Done{};
    return fault(name, "must be a time like 2026-11-26T07:00:00Z");
}

Status checkTexts(const Json& content, std::initializer_list<const char*> names) {
    for (const char* name : names) {
        const Json& value = memberAt(content, name);
        if (value.is_null()) continue;
        if (!value.is_string() || value.get_ref<const std::string&>().size() > kLongestText)
            return fault(name, "must be a text of at most 500 bytes");
    }
    return Done{};
}

Status checkNumber(const Json& content, const char* name, double least, double most) {
    const Json& value = memberAt(content, name);
    if (value.is_number() && value.get<double>() >= least && value.get<double>() <= most) return Done{};
    return fault(name, "must be a number from " + dumpJson(least) + " to " + dumpJson(most));
}

Status checkEquipment(const Json& content) {
    const Json& items = memberAt(content, "items");
    if (!items.is_array() || items.empty() || items.size() > kMostItems)
        return fault("items", "must be a list of 1 to 100");
    for (const Json& item : items) {
        if (textAt(item, "name").empty()) return fault("items", "each takes a name");
        if (item.contains("quantity"))
            if (auto checked = checkNumber(item, "quantity", 0.001, 1e9); !checked)
                return fault("items", "quantity: more than 0");
    }
    if (auto checked = checkTime(content, "needed_at", false); !checked) return checked;
    return checkTexts(content, {"place"});
}

Status checkIncident(const Json& content) {
    const std::string severity = textAt(content, "severity");
    if (severity != "low" && severity != "medium" && severity != "high" && severity != "critical")
        return fault("severity", "must be low, medium, high or critical");
    const Json& hurt = memberAt(content, "is_anyone_hurt");
    if (!hurt.is_null() && !hurt.is_boolean()) return fault("is_anyone_hurt", "must be true or false");
    if (auto checked = checkTime(content, "happened_at", false); !checked) return checked;
    return checkTexts(content, {"place"});
}

Status checkTimeLog(const Json& content) {
    if (auto checked = checkTime(content, "started_at", true); !checked) return checked;
    const bool has_minutes = content.contains("minutes");
    if (has_minutes == content.contains("ended_at"))
        return fault("ended_at", "give either ended_at or minutes");
    if (has_minutes) return checkNumber(content, "minutes", 1, 7 * 24 * 60);
    if (auto checked = checkTime(content, "ended_at", true); !checked) return checked;
    if (*parseRfc3339(textAt(content, "ended_at")) <= *parseRfc3339(textAt(content, "started_at")))
        return fault("ended_at", "must be after started_at");
    return checkTexts(content, {"activity"});
}

Status checkLocation(const Json& content) {
    if (auto checked = checkNumber(content, "latitude", -90, 90); !checked) return checked;
    if (auto checked = checkNumber(content, "longitude", -180, 180); !checked) return checked;
    return checkTexts(content, {"label"});
}

}  // namespace

Status checkFieldContent(std::string_view kind, const Json& content) {
    if (kind == "equipment_request") return checkEquipment(content);
    if (kind == "incident_report") return checkIncident(content);
    if (kind == "time_log") return checkTimeLog(content);
    if (kind == "location") return checkLocation(content);
    return Done{};
}

}  // namespace signalbox

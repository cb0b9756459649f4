#include <algorithm>
#include <regex>

#include "daemon/config/schema.h"
#include "daemon/config/suggestion.h"

namespace signalbox::config {
namespace {

// std::regex needs stack for each character of the text.
constexpr std::size_t kMaxMatchedBytes = 4096;

const Json& member(const Json& schema, const char* key) {
    return memberAt(schema, key);
}

std::vector<std::string> typesOf(const Json& schema) {
    const Json& type = member(schema, "type");
    if (type.is_string()) return {type.get<std::string>()};
    return type.is_array() ? type.get<std::vector<std::string>>() : std::vector<std::string>{};
}

bool isOfType(const Json& value, const std::string& type) {
    if (type == "string") return value.is_string();
    if (type == "integer") return value.is_number_integer();
    if (type == "number") return value.is_number();
    if (type == "boolean") return value.is_boolean();
    if (type == "object") return value.is_object();
    if (type == "array") return value.is_array();
    return type == "null" && value.is_null();
}

std::string wordFor(const std::string& type) {
    if (type == "string") return "a text";
    if (type == "integer") return "a whole number";
    if (type == "number") return "a number";
    if (type == "boolean") return "true or false";
    if (type == "object") return "a map (key: value)";
    if (type == "array") return "a list (- item)";
    return "nothing";
}

std::string wordFor(const Json& value) {
    if (value.is_number_float()) return "a number with a fraction";
    for (const char* type : {"string", "integer", "boolean", "object", "array"}) {
        if (isOfType(value, type)) return wordFor(std::string(type));
    }
    return "nothing";
}

std::string quantity(const Json& low, const Json& high, const std::string& unit) {
    if (!low.is_null() && !high.is_null()) return "from " + low.dump() + " to " + high.dump() + unit;
    return low.is_null() ? "at most " + high.dump() + unit : "at least " + low.dump() + unit;
}

class Checker {
public:
    Checker(const Place& place, std::vector<Problem>& problems) : place_(place), problems_(problems) {}

    void check(const Json& schema, const Json& value, const std::string& path) {
        if (place_.unread.contains(path) || !checkType(schema, value, path)) return;
        checkChoice(schema, value, path);
        if (value.is_string()) checkText(schema, value.get_ref<const std::string&>(), path);
        if (value.is_number()) checkNumber(schema, value, path);
        if (value.is_array()) checkList(schema, value, path);
        if (value.is_object()) checkMap(schema, value, path);
    }

private:
    void fault(const std::string& path, std::string what) {
        problems_.push_back({place_.document.valuePosition(path), path, std::move(what)});
    }

    bool checkType(const Json& schema, const Json& value, const std::string& path) {
        const auto types = typesOf(schema);
        const auto fits = [&](const std::string& type) { return isOfType(value, type); };
        if (types.empty() || std::any_of(types.begin(), types.end(), fits)) return true;
        std::string wanted;
        for (const std::string& type : types) wanted += (wanted.empty() ? "" : " or ") + wordFor(type);
        const bool has_needless_quotes =
            value.is_string() && std::any_of(types.begin(), types.end(), [&](const std::string& type) {
                return isOfType(readScalar(value.get<std::string>()), type);
            });
        fault(path, "must be " + wanted + ", not " + wordFor(value) +
                        (has_needless_quotes ? " (remove the quotes)" : ""));
        return false;
    }

    void checkChoice(const Json& schema, const Json& value, const std::string& path) {
        const Json& choices = member(schema, "enum");
        if (!choices.is_array() || std::find(choices.begin(), choices.end(), value) != choices.end()) return;
        std::vector<std::string> words;
        std::string list;
        for (const Json& choice : choices) {
            words.push_back(choice.is_string() ? choice.get<std::string>() : choice.dump());
            list += (list.empty() ? "" : ", ") + words.back();
        }
        fault(path, "must be one of " + list +
                        (value.is_string() ? suggestionFor(value.get<std::string>(), words) : ""));
    }

    void checkText(const Json& schema, const std::string& text, const std::string& path) {
        if (text.find('\0') != std::string::npos) return fault(path, "holds a NUL character");
        const std::int64_t shortest = numberAt(schema, "minLength");
        if (shortest > 0 && text.empty()) return fault(path, "must not be empty");
        // Characters, not bytes: continuation bytes of UTF-8 do not count.
        const auto length =
            std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; });
        const Json& longest = member(schema, "maxLength");
        if (length < shortest || (longest.is_number() && length > longest.get<std::int64_t>())) {
            return fault(path, "must have " + quantity(member(schema, "minLength"), longest, " characters"));
        }
        const std::string pattern = textAt(schema, "pattern");
        if (pattern.empty()) return;
        if (text.size() > kMaxMatchedBytes)
            return fault(path, "is longer than " + std::to_string(kMaxMatchedBytes) + " bytes");
        if (std::regex_search(text, std::regex(pattern))) return;
        const std::string description = textAt(schema, "description");
        fault(path, description.empty() ? "must match " + pattern : "does not fit: " + description);
    }

    void checkNumber(const Json& schema, const Json& value, const std::string& path) {
        const Json& low = member(schema, "minimum");
        const Json& high = member(schema, "maximum");
        if ((low.is_number() && value < low) || (high.is_number() && value > high))
            fault(path, "must be " + quantity(low, high, ""));
    }

    void checkList(const Json& schema, const Json& value, const std::string& path) {
        const Json& fewest = member(schema, "minItems");
        const Json& most = member(schema, "maxItems");
        const auto size = static_cast<std::int64_t>(value.size());
        if ((fewest.is_number() && size < fewest.get<std::int64_t>()) ||
            (most.is_number() && size > most.get<std::int64_t>()))
            fault(path, "must have " + quantity(fewest, most, " items"));
        const Json& items = member(schema, "items");
        for (std::size_t i = 0; i < value.size() && items.is_object(); ++i)
            check(items, value[i], itemPath(path, i));
    }

    void checkMap(const Json& schema, const Json& value, const std::string& path) {
        const Json& known = member(schema, "properties");
        const Json& others = member(schema, "additionalProperties");
        std::vector<std::string> names;
        for (const auto& [name, rule] : known.items()) names.push_back(name);
        for (const auto& [name, item] : value.items()) {
            const std::string at = memberPath(path, name);
            if (known.contains(name)) {
                check(known[name], item, at);
            } else if (others == false) {
                problems_.push_back(
                    {place_.document.keyPosition(at), at, "unknown key" + suggestionFor(name, names)});
            } else if (others.is_object()) {
                check(others, item, at);
            }
        }
        for (const Json& name : member(schema, "required")) {
            if (!value.contains(name.get<std::string>()))
                problems_.push_back(
                    {place_.document.keyPosition(path), memberPath(path, name), "is missing"});
        }
    }

    const Place& place_;
    std::vector<Problem>& problems_;
};

}  // namespace

void check(const Json& schema, const Json& value, const std::string& path, const Place& place,
           std::vector<Problem>& problems) {
    const std::size_t before = problems.size();
    Checker(place, problems).check(schema, value, path);
    const bool is_partly_unread = std::any_of(place.unread.begin(), place.unread.end(),
                                              [&](const auto& unread) { return unread.starts_with(path); });
    if (problems.size() > before || is_partly_unread) return;
    for (const SchemaFault& fault : validate(schema, value)) {
        const std::string at = fault.path.empty() ? path
                               : path.empty()     ? fault.path
                                                  : path + '.' + fault.path;
        problems.push_back({place.document.valuePosition(at), at, fault.what});
    }
}

}  // namespace signalbox::config

#include <algorithm>

#include "daemon/config/schema.h"

namespace signalbox::config {
namespace {

bool allows(const Json& schema, std::string_view type) {
    const Json& types = memberAt(schema, "type");
    if (types.is_string()) return types == type;
    return types.is_array() && std::find(types.begin(), types.end(), type) != types.end();
}

bool allowsTypeOf(const Json& schema, const Json& value) {
    if (value.is_number_integer()) return allows(schema, "integer") || allows(schema, "number");
    if (value.is_number()) return allows(schema, "number");
    return value.is_boolean() && allows(schema, "boolean");
}

// The rule for a member: its own, or the one for all others.
const Json& ruleFor(const Json& schema, const std::string& name) {
    const Json& own = memberAt(memberAt(schema, "properties"), name);
    return own.is_null() ? memberAt(schema, "additionalProperties") : own;
}

void settleScalar(const Json& schema, Json& value, const std::string& path, const Place& place) {
    if (value.is_string() && !allows(schema, "string") && place.referenced.contains(path)) {
        Json read = readScalar(value.get<std::string>());
        if (allowsTypeOf(schema, read)) value = std::move(read);
        return;
    }
    const auto literal = place.document.literals.find(path);
    if (literal != place.document.literals.end() && allows(schema, "string") && !allowsTypeOf(schema, value))
        value = literal->second;
}

// Calls `visit` for each text of `value` (a Json or a const Json) that the schema calls a secret.
template <class Value, class Visit>
void visitSecrets(const Json& schema, Value& value, const Visit& visit) {
    if (value.is_string() && flagAt(schema, "x-secret")) visit(value);
    if (value.is_array()) {
        for (auto& item : value) visitSecrets(memberAt(schema, "items"), item, visit);
    }
    if (value.is_object()) {
        for (auto it = value.begin(); it != value.end(); ++it)
            visitSecrets(ruleFor(schema, it.key()), it.value(), visit);
    }
}

void collectMarked(const Json& schema, const Json& value, std::string_view mark, const std::string& path,
                   std::map<std::string, Json>& out) {
    if (value.is_object()) {
        for (const auto& [name, item] : value.items())
            collectMarked(ruleFor(schema, name), item, mark, memberPath(path, name), out);
    } else if (value.is_array()) {
        for (std::size_t i = 0; i < value.size(); ++i)
            collectMarked(memberAt(schema, "items"), value[i], mark, itemPath(path, i), out);
    } else if (flagAt(schema, mark)) {
        out.emplace(path, value);
    }
}

}  // namespace

void settleTypes(const Json& schema, Json& value, const std::string& path, const Place& place) {
    if (value.is_object()) {
        for (const auto& [name, item] : value.items())
            settleTypes(ruleFor(schema, name), item, memberPath(path, name), place);
        return;
    }
    if (value.is_array()) {
        for (std::size_t i = 0; i < value.size(); ++i)
            settleTypes(memberAt(schema, "items"), value[i], itemPath(path, i), place);
        return;
    }
    settleScalar(schema, value, path, place);
}

void fillDefaults(const Json& schema, Json& value) {
    if (value.is_array()) {
        for (Json& item : value) fillDefaults(memberAt(schema, "items"), item);
    }
    if (!value.is_object()) return;
    for (const auto& [name, rule] : memberAt(schema, "properties").items()) {
        if (!value.contains(name)) {
            if (!rule.contains("default")) continue;
            value[name] = rule["default"];
        }
        fillDefaults(rule, value[name]);
    }
}

void collectSecrets(const Json& schema, const Json& value, std::vector<Secret>& out) {
    visitSecrets(schema, value, [&](const Json& text) {
        if (!text.get_ref<const std::string&>().empty()) out.emplace_back(text.get<std::string>());
    });
}

std::map<std::string, Json> markedValues(const Json& schema, const Json& value, std::string_view mark) {
    std::map<std::string, Json> out;
    collectMarked(schema, value, mark, "", out);
    return out;
}

Json maskSecrets(const Json& schema, Json value) {
    visitSecrets(schema, value, [](Json& text) {
        if (!text.get_ref<const std::string&>().empty()) text = "***";
    });
    return value;
}

}  // namespace signalbox::config

#include "tests/support/described_api.h"

#include <algorithm>
#include <stdexcept>

#include "daemon/config/schema.h"
#include "scripts/dev/embedded.h"

namespace signalbox::testing {
namespace {

std::vector<std::string> segments(std::string_view path) {
    std::vector<std::string> parts;
    while (!path.empty()) {
        path.remove_prefix(1);  // the slash
        const auto end = std::min(path.find('/'), path.size());
        parts.emplace_back(path.substr(0, end));
        path.remove_prefix(end);
    }
    return parts;
}

bool isCapture(const std::string& part) {
    return part.starts_with('{');
}

bool fits(const std::string& pattern, const std::string& path) {
    const auto wanted = segments(pattern), given = segments(path);
    return std::equal(wanted.begin(), wanted.end(), given.begin(), given.end(),
                      [](const auto& want, const auto& give) { return isCapture(want) || want == give; });
}

// The operation of the pattern with the fewest captures; null: none is described.
const Json& operationFor(std::string method, const std::string& path) {
    std::transform(method.begin(), method.end(), method.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    const Json* found = nullptr;
    std::ptrdiff_t fewest = 100;
    for (const auto& [pattern, item] : apiDescription()["paths"].items()) {
        if (!fits(pattern, path) || !item.contains(method)) continue;
        const auto captures = std::count(pattern.begin(), pattern.end(), '{');
        if (captures >= fewest) continue;
        fewest = captures;
        found = &item[method];
    }
    static const Json kNone;
    return found == nullptr ? kNone : *found;
}

// The members that a schema describes, also through allOf, oneOf and anyOf.
void addProperties(const Json& schema, Json& out) {
    out.update(schema.value("properties", Json::object()));
    for (const char* parts : {"allOf", "oneOf", "anyOf"})
        for (const Json& part : memberAt(schema, parts)) addProperties(part, out);
}

bool isFree(const Json& schema) {
    if (schema.contains("additionalProperties") || !textAt(schema, "description").empty()) return true;
    for (const char* parts : {"allOf", "oneOf", "anyOf"})
        for (const Json& part : memberAt(schema, parts))
            if (isFree(part)) return true;
    return false;
}

void findUndescribed(const Json& schema, const Json& value, const std::string& where,
                     std::vector<std::string>& faults) {
    if (value.is_array() && !value.empty() && schema.contains("items"))
        return findUndescribed(schema["items"], value[0], where + "[]", faults);
    if (!value.is_object() || value.empty()) return;
    Json known = Json::object();
    addProperties(schema, known);
    if (known.empty()) {
        if (!isFree(schema)) faults.push_back(where + ": nothing is said of its members");
        return;
    }
    for (const auto& [name, member] : value.items()) {
        if (known.contains(name)) {
            findUndescribed(known[name], member, where + '.' + name, faults);
        } else if (!schema.contains("additionalProperties")) {
            faults.push_back(where + '.' + name + " is not described");
        }
    }
}

}  // namespace

const Json& apiDescription() {
    static const Json json = [] {
        for (const auto& file : embedded::schemas()) {
            if (file.name != "openapi.yaml") continue;
            std::vector<config::Problem> problems;
            auto document = config::parseYaml(file.text, problems);
            if (!problems.empty()) throw std::logic_error(config::describe("openapi.yaml", problems));
            return document.value;
        }
        throw std::logic_error("openapi.yaml is not part of this build");
    }();
    return json;
}

const Json& resolved(const Json& value) {
    if (!value.is_object() || !value.contains("$ref")) return value;
    const std::string reference = value["$ref"];
    const Json* found = &apiDescription();
    for (std::size_t begin = 2; begin < reference.size();) {
        const auto end = std::min(reference.find('/', begin), reference.size());
        found = &memberAt(*found, reference.substr(begin, end - begin));
        begin = end + 1;
    }
    return *found;
}

Json writtenOut(const Json& schema) {
    if (schema.is_array()) {
        Json out = Json::array();
        for (const Json& item : schema) out.push_back(writtenOut(item));
        return out;
    }
    if (!schema.is_object()) return schema;
    if (schema.contains("$ref")) return writtenOut(resolved(schema));
    Json out = Json::object();
    for (const auto& [name, value] : schema.items()) out[name] = writtenOut(value);
    return out;
}

std::vector<std::string> notAsDescribed(const std::string& method, const std::string& target,
                                        const HttpResponse& response) {
    const std::string path = target.substr(0, target.find('?'));
    const std::string where = method + ' ' + path + ' ' + std::to_string(response.status) + ": ";
    const Json& operation = operationFor(method, path);
    if (operation.is_null()) return {where + "no such operation"};
    const Json& responses = operation["responses"];
    const Json& said = responses.contains(std::to_string(response.status))
                           ? responses[std::to_string(response.status)]
                           : memberAt(responses, response.status >= 400 ? "default" : "");
    if (said.is_null()) return {where + "no such answer"};
    const Json& content = memberAt(resolved(said), "content");
    if (response.body.empty()) return {};
    const std::string type = mediaType(response.headers.get("content-type"));
    const Json& media = content.contains(type) ? content[type] : memberAt(content, "*/*");
    if (media.is_null()) return {where + "no such content: " + type};
    if (type.find("json") == std::string::npos) return {};
    const auto body = parseJson(response.body);
    if (!body) return {where + "no JSON"};
    const Json schema = writtenOut(media["schema"]);
    std::vector<std::string> faults;
    for (const auto& fault : config::validate(schema, *body))
        faults.push_back(fault.path + ": " + fault.what);
    findUndescribed(schema, *body, "", faults);
    for (std::string& fault : faults) fault = where + fault;
    return faults;
}

}  // namespace signalbox::testing

#include "daemon/config/account_check.h"

#include <stdexcept>

#include "daemon/config/schema.h"
#include "scripts/dev/embedded.h"

namespace signalbox::config {
namespace {

const Json& commonSchema() {
    static const Json schema = [] {
        for (const auto& file : embedded::schemas()) {
            if (file.name != "config.schema.json") continue;
            auto whole = parseJson(file.text);
            if (!whole) throw std::logic_error("configuration schema: " + whole.error().message);
            return (*whole)["properties"]["accounts"]["items"];
        }
        throw std::logic_error("config.schema.json is not part of this build");
    }();
    return schema;
}

constexpr std::string_view kDestination = "x-destination", kSecret = "x-secret";

std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
    return text;
}

std::string inOneLine(const std::vector<Problem>& problems) {
    std::string text;
    for (const Problem& problem : problems)
        text += (text.empty() ? "" : "; ") + (problem.path.empty() ? "" : problem.path + ": ") + problem.what;
    return text;
}

}  // namespace

Json accountSchema(const Json& common, const std::string& connector_schema) {
    auto schema = parseJson(connector_schema);
    if (!schema) throw std::logic_error("connector schema: " + schema.error().message);
    for (const auto& [name, rule] : common["properties"].items()) (*schema)["properties"].emplace(name, rule);
    for (const Json& name : common["required"]) (*schema)["required"].push_back(name);
    return *std::move(schema);
}

Result<Json> checkAccount(Json account, const ConnectorSchemas& schemas) {
    const auto known = schemas.find(textAt(account, "type"));
    if (known == schemas.end()) {
        std::string names;
        for (const auto& [name, schema] : schemas) names += (names.empty() ? "" : ", ") + name;
        return Error{ErrorKind::Invalid, "type: no connector is called that; there are " + names};
    }
    if (account.contains("organization"))
        return Error{ErrorKind::Invalid, "organization: an account belongs to the organization of its maker"};
    const Json schema = accountSchema(commonSchema(), known->second);
    YamlDocument document;
    document.value = account;
    std::vector<Problem> problems;
    const std::set<std::string> none;
    check(schema, account, "", Place{document, none, none}, problems);
    if (!problems.empty()) return Error{ErrorKind::Invalid, inOneLine(problems)};
    fillDefaults(schema, account);
    return account;
}

Result<bool> checkDestination(const Json& before, const Json& after, const Json& patch,
                              const ConnectorSchemas& schemas) {
    const auto known = schemas.find(textAt(after, "type"));
    if (known == schemas.end()) return Error{ErrorKind::Invalid, "type: no connector is called that"};
    const Json schema = accountSchema(commonSchema(), known->second);
    Json old = before;
    fillDefaults(schema, old);
    const auto from = markedValues(schema, old, kDestination), to = markedValues(schema, after, kDestination);
    std::vector<std::string> moved, missing;
    for (const auto& [path, value] : to) {
        const auto it = from.find(path);
        if (it == from.end() || it->second != value) moved.push_back(path);
    }
    for (const auto& [path, value] : from)
        if (!to.contains(path)) moved.push_back(path);
    if (moved.empty()) return false;
    const auto given = markedValues(schema, patch, kSecret);
    for (const auto& [path, value] : markedValues(schema, after, kSecret)) {
        const auto it = given.find(path);
        if (value != "" && (it == given.end() || it->second == "***")) missing.push_back(path);
    }
    if (missing.empty()) return true;
    return Error{ErrorKind::Invalid, joined(moved) +
                                         ": the account's secrets would go elsewhere than before; give " +
                                         joined(missing) + " again with it"};
}

Json maskAccount(const Json& account, const ConnectorSchemas& schemas) {
    const auto known = schemas.find(textAt(account, "type"));
    if (known == schemas.end()) return Json::object();
    return maskSecrets(accountSchema(commonSchema(), known->second), account);
}

}  // namespace signalbox::config

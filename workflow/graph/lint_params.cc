// A node's parameters: schema, expressions and templates, scripts, secrets.
#include <algorithm>
#include <array>
#include <cctype>

#include "workflow/graph/lint.h"
#include "workflow/graph/node_policy.h"
#include "workflow/graph/schema.h"

namespace signalbox::workflow {
namespace {

// What React Flow applications keep in node.data beside our parameters.
constexpr std::array kEditorKeys = {"label", "type", "kind",  "description", "disabled", "title",
                                    "icon",  "note", "notes", "color",       "name",     "selected"};

void lintScript(const GraphNode& node, const LintContext& context, std::vector<Finding>& findings) {
    const auto add = [&](std::string code, std::string message, std::string remedy) {
        findings.push_back(
            {std::move(code), Severity::Error, node.id, "", std::move(message), std::move(remedy)});
    };
    std::string source = textAt(node.data, "source");
    if (const std::string name = textAt(node.data, "script"); source.empty() && !name.empty()) {
        if (context.scripts == nullptr) return;
        source = textAt(*context.scripts, name);
        if (source.empty()) {
            add("unknown_script", "there is no script \"" + name + "\"",
                "upload it or put the text into the node");
            return;
        }
    }
    if (source.empty() || context.lua == nullptr) return;
    const Status checked = context.lua->check(source);
    if (!checked && checked.error().kind == ErrorKind::Invalid) {
        add("lua_syntax", checked.error().message, "correct the script");
    }
}

void lintUnknownKeys(const GraphNode& node, const ParamsSchema& schema, std::vector<Finding>& findings) {
    const Json& known = memberAt(schema.json(), "properties");
    for (const auto& [key, value] : node.data.items()) {
        const bool is_editors = key.starts_with("_") ||
                                std::find(kEditorKeys.begin(), kEditorKeys.end(), key) != kEditorKeys.end();
        if (is_editors || known.contains(key) || isPolicyKey(key)) continue;
        std::string names;
        for (const auto& [name, rule] : known.items()) names += (names.empty() ? "" : ", ") + name;
        findings.push_back({"unknown_param", Severity::Warning, node.id, "",
                            "data." + key.substr(0, 80) + " means nothing to " + node.type,
                            names.empty() ? "this node takes no parameters" : "it takes: " + names,
                            "data." + key.substr(0, 80)});
    }
}

// A check begins with the parameter it is about ("fields.total: column 3: …"): its path, else "data".
std::string placeIn(const Json& params, const std::string& check) {
    const std::string place = check.substr(0, check.find(':'));
    const std::string member = place.substr(0, place.find_first_of(".["));
    return params.contains(member) && place.find(' ') == std::string::npos ? "data." + place : "data";
}

constexpr std::array kSecretStarts = {"sk-",        "xoxb-",  "xoxp-",    "ghp_",     "github_pat_",
                                      "glpat-",     "AKIA",   "EAAG",     "SG.",      "AIza",
                                      "-----BEGIN", "whsec_", "rk_live_", "sk_live_", "Bearer ey"};
constexpr std::array kSecretKeys = {"password", "secret",        "token",       "api_key",
                                    "apikey",   "authorization", "access_token"};

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return out;
}

bool looksSecret(const std::string& key, const std::string& value) {
    if (value.size() < 8 || value.find("{{") != std::string::npos) return false;
    for (const char* start : kSecretStarts) {
        if (value.starts_with(start) && value.size() >= 16) return true;
    }
    const std::string name = lower(key);
    return std::any_of(kSecretKeys.begin(), kSecretKeys.end(), [&](const char* secret) {
        return name == secret || name.ends_with(std::string("_") + secret) ||
               name.ends_with(std::string("-") + secret);
    });
}

void findSecrets(const Json& value, const std::string& path, const std::string& key, const GraphNode& node,
                 std::vector<Finding>& findings) {
    if (value.is_string() && looksSecret(key, value.get_ref<const std::string&>())) {
        findings.push_back({"secret_in_text", Severity::Warning, node.id, "",
                            path + " looks like a secret in plain text",
                            "keep it in an account of the configuration and name the account here", path});
    }
    std::size_t index = 0;
    for (auto at = value.begin(); value.is_structured() && at != value.end(); ++at, ++index) {
        const std::string name = value.is_object() ? at.key() : key;
        findSecrets(*at, path + (value.is_object() ? "." + name : "[" + std::to_string(index) + "]"), name,
                    node, findings);
    }
}

}  // namespace

void lintParams(const GraphNode& node, const NodeType& type, const LintContext& context,
                std::vector<Finding>& findings) {
    const ParamsSchema& schema = schemaOf(type);
    lintUnknownKeys(node, schema, findings);
    const Json params = schema.withDefaults(node.data);
    const auto faults = schema.validate(params);
    for (const auto& fault : faults) {
        findings.push_back({"bad_param", Severity::Error, node.id, "",
                            (fault.path.empty() ? "data" : "data." + fault.path) + ": " + fault.message,
                            "see the parameters of " + type.name(),
                            fault.path.empty() ? "data" : "data." + fault.path});
    }
    if (!faults.empty()) return;  // the rest expects the right types
    const auto checks = type.check(params);
    for (const auto& check : checks) {
        findings.push_back({"bad_expression", Severity::Error, node.id, "", check,
                            "correct it at the place named", placeIn(params, check)});
    }
    if (const auto policy = readPolicy(node.data, type); !policy) {
        const std::string& message = policy.error().message;
        const std::string place = message.substr(0, message.find(':'));
        findings.push_back({place.starts_with("join") ? "unknown_join" : "bad_param", Severity::Error,
                            node.id, "", "data." + message, "correct it or leave it out", "data." + place});
    }
    if (type.name() == "lua") lintScript(node, context, findings);
    lintReferences(node, type, context, findings);
}

void lintSecrets(const GraphNode& node, std::vector<Finding>& findings) {
    findSecrets(node.original.is_object() ? node.original : node.data, "data", "", node, findings);
}

}  // namespace signalbox::workflow

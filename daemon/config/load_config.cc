#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

#include "daemon/config/config.h"
#include "daemon/config/references.h"
#include "daemon/config/schema.h"
#include "daemon/config/suggestion.h"
#include "scripts/dev/embedded.h"

namespace signalbox::config {
namespace {

constexpr std::size_t kMaxFileBytes = 8 * 1024 * 1024;

// Our own schemas: that they can be read is a matter of this build.
Json readSchema(std::string_view text) {
    auto schema = parseJson(text);
    if (!schema) throw std::logic_error("configuration schema: " + schema.error().message);
    return *std::move(schema);
}

const Json& rootSchema() {
    static const Json schema = [] {
        for (const auto& file : embedded::schemas()) {
            if (file.name == "config.schema.json") return readSchema(file.text);
        }
        throw std::logic_error("config.schema.json is not part of this build");
    }();
    return schema;
}

Result<std::string> readText(const std::filesystem::path& file) {
    const auto fail = [&](const std::string& why) {
        return Error{ErrorKind::Invalid, file.string() + ": " + why};
    };
    if (std::filesystem::is_directory(file)) return fail("is a folder; name the file");
    std::ifstream in(file, std::ios::binary);
    if (!in) return fail(std::string("cannot be read: ") + std::strerror(errno));
    std::string text(std::istreambuf_iterator<char>(in), {});
    if (text.size() > kMaxFileBytes) return fail("is longer than 8 MiB");
    return text;
}

// Checks one file. What is read of it is good once there are no problems.
class Loader {
public:
    Loader(const ConnectorSchemas& schemas, std::filesystem::path folder)
        : connector_schemas_(schemas), folder_(std::move(folder)) {}

    void load(std::string_view text) {
        document_ = parseYaml(text, problems);
        if (!document_.is_whole) return;
        if (document_.value.is_null()) document_.value = Json::object();
        references_ = resolveReferences(document_, folder_, problems);
        secrets = references_.secrets;
        Json top = rootSchema();
        top["properties"]["accounts"]["items"] = {{"type", "object"}};
        settle(top, document_.value, "");
        if (problems.empty()) fillDefaults(top, document_.value);
        loadAccounts();
    }

    const Json& settled() const { return document_.value; }

    std::vector<Problem> problems;
    std::vector<Secret> secrets;

private:
    void settle(const Json& schema, Json& value, const std::string& path) {
        const Place place{document_, references_.read, references_.unread};
        settleTypes(schema, value, path, place);
        check(schema, value, path, place, problems);
        collectSecrets(schema, value, secrets);
    }

    void loadAccounts() {
        if (!document_.value.is_object()) return;
        const auto accounts = document_.value.find("accounts");
        if (accounts == document_.value.end() || !accounts->is_array()) return;
        std::map<std::string, std::string> places;
        for (std::size_t i = 0; i < accounts->size(); ++i) {
            const std::string path = itemPath("accounts", i);
            if ((*accounts)[i].is_object()) loadAccount((*accounts)[i], path, places);
        }
    }

    // `places`: which names are taken, and where.
    void loadAccount(Json& account, const std::string& path, std::map<std::string, std::string>& places) {
        const Json schema = schemaFor(account, path);
        settle(schema, account, path);
        fillDefaults(schema, account);
        const std::string name = textAt(account, "name");
        const auto [first, is_new] = places.emplace(name, path);
        if (!is_new && !name.empty())
            fault(memberPath(path, "name"), '"' + name + "\" is the name of " + first->second + " already");
    }

    // The keys that every account has, and those of its connector.
    Json schemaFor(const Json& account, const std::string& path) {
        const Json& common = rootSchema()["properties"]["accounts"]["items"];
        const std::string type = textAt(account, "type");
        const auto known = connector_schemas_.find(type);
        if (known == connector_schemas_.end()) {
            if (memberAt(account, "type").is_string()) refuseType(type, path);
            return common;
        }
        Json schema = readSchema(known->second);
        for (const auto& [name, rule] : common["properties"].items())
            schema["properties"].emplace(name, rule);
        for (const Json& name : common["required"]) schema["required"].push_back(name);
        return schema;
    }

    void refuseType(const std::string& type, const std::string& path) {
        std::vector<std::string> names;
        std::string list;
        for (const auto& [name, schema] : connector_schemas_) {
            names.push_back(name);
            list += (list.empty() ? "" : ", ") + name;
        }
        fault(memberPath(path, "type"), "no connector is called that" + suggestionFor(type, names) +
                                            "; there are " + (list.empty() ? "none" : list));
    }

    void fault(const std::string& path, std::string what) {
        problems.push_back({document_.valuePosition(path), path, std::move(what)});
    }

    const ConnectorSchemas& connector_schemas_;
    const std::filesystem::path folder_;
    YamlDocument document_;
    References references_;
};

}  // namespace

Result<Config> loadConfig(const std::filesystem::path& file, const ConnectorSchemas& schemas,
                          const std::filesystem::path& data) {
    const auto text = readText(file);
    if (!text) return text.error();
    const auto folder = std::filesystem::absolute(file).parent_path();
    Loader loader(schemas, folder);
    loader.load(*text);
    if (!loader.problems.empty()) return Error{ErrorKind::Invalid, describe(file.string(), loader.problems)};
    Config config = readConfig(loader.settled(), folder, data);
    config.secrets = std::move(loader.secrets);
    return config;
}

}  // namespace signalbox::config

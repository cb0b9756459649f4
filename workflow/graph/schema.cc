#include "workflow/graph/schema.h"

#include <map>
#include <mutex>
#include <stdexcept>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

namespace signalbox::workflow {
namespace {

using Adapter = valijson::adapters::NlohmannJsonAdapter;

// "<root>[cases][0][id]" → "cases[0].id"
std::string readablePath(const std::vector<std::string>& context) {
    std::string out;
    for (const auto& step : context) {
        if (step == "<root>") continue;
        const std::string name =
            step.size() > 2 && step.front() == '[' ? step.substr(1, step.size() - 2) : step;
        const bool is_index = !name.empty() && name.find_first_not_of("0123456789") == std::string::npos;
        if (is_index) {
            out += "[" + name + "]";
        } else {
            out += (out.empty() ? "" : ".") + name;
        }
    }
    return out;
}

void applyDefaults(const Json& schema, Json& value) {
    if (value.is_object()) {
        for (const auto& [key, rule] : memberAt(schema, "properties").items()) {
            if (!value.contains(key)) {
                if (!rule.contains("default")) continue;
                value[key] = rule["default"];
            }
            applyDefaults(rule, value[key]);
        }
    }
    if (value.is_array() && memberAt(schema, "items").is_object()) {
        for (auto& item : value) applyDefaults(schema["items"], item);
    }
}

}  // namespace

struct ParamsSchema::Rules {
    valijson::Schema schema;
};

ParamsSchema::ParamsSchema(const std::string& schema_text) : rules_(std::make_unique<Rules>()) {
    auto parsed = parseJson(schema_text);
    if (!parsed) throw std::invalid_argument("params schema: " + parsed.error().message);
    schema_ = std::move(*parsed);
    valijson::SchemaParser parser;
    parser.populateSchema(Adapter(schema_), rules_->schema);
}

ParamsSchema::~ParamsSchema() = default;

std::vector<ParamsSchema::Fault> ParamsSchema::validate(const Json& params) const {
    valijson::Validator validator;
    valijson::ValidationResults results;
    std::vector<Fault> faults;
    if (validator.validate(rules_->schema, Adapter(params), &results)) return faults;
    valijson::ValidationResults::Error error;
    while (results.popError(error)) {
        // "Failed to validate against …" only repeats that something deeper failed.
        if (error.description.starts_with("Failed to validate against schema")) continue;
        faults.push_back({readablePath(error.context), error.description});
    }
    if (faults.empty()) faults.push_back({"", "does not match the schema"});
    return faults;
}

Json ParamsSchema::withDefaults(const Json& params) const {
    Json out = params;
    applyDefaults(schema_, out);
    return out;
}

const ParamsSchema& schemaOf(const NodeType& type) {
    static std::mutex mutex;
    static std::map<const NodeType*, std::unique_ptr<ParamsSchema>> schemas;
    std::lock_guard lock(mutex);
    auto& schema = schemas[&type];
    if (!schema) schema = std::make_unique<ParamsSchema>(type.paramsSchema());
    return *schema;
}

}  // namespace signalbox::workflow

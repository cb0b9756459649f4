// The only file of the configuration that knows valijson.
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

#include "daemon/config/schema.h"

namespace signalbox::config {
namespace {

using Adapter = valijson::adapters::NlohmannJsonAdapter;

// {"<root>", "[accounts]", "[0]"} → "accounts[0]"
std::string pathOf(const std::vector<std::string>& steps) {
    std::string path;
    for (const std::string& step : steps) {
        if (step == "<root>") continue;
        const bool has_brackets = step.size() > 2 && step.front() == '[';
        const std::string name = has_brackets ? step.substr(1, step.size() - 2) : step;
        const bool is_index = !name.empty() && name.find_first_not_of("0123456789") == std::string::npos;
        path = is_index ? itemPath(path, std::stoul(name)) : memberPath(path, name);
    }
    return path;
}

}  // namespace

std::vector<SchemaFault> validate(const Json& schema, const Json& value) {
    valijson::Schema rules;
    valijson::SchemaParser().populateSchema(Adapter(schema), rules);
    valijson::Validator validator;
    valijson::ValidationResults results;
    if (validator.validate(rules, Adapter(value), &results)) return {};
    std::vector<SchemaFault> faults;
    valijson::ValidationResults::Error error;
    while (results.popError(error)) {
        // Only repeats that something inside failed.
        if (error.description.starts_with("Failed to validate against schema")) continue;
        SchemaFault fault{pathOf(error.context), "does not fit the schema: " + error.description};
        // Of a place with alternatives the last word is about all of them.
        const bool is_same_place = !faults.empty() && faults.back().path == fault.path;
        if (is_same_place) faults.pop_back();
        faults.push_back(std::move(fault));
    }
    if (faults.empty()) faults.push_back({"", "does not fit the schema"});
    return faults;
}

}  // namespace signalbox::config

// JSON Schema of node parameters: checking and defaults. The validating library stays behind this file.
// Thread-safe.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/json.h"
#include "workflow/node_type.h"

namespace signalbox::workflow {

class ParamsSchema {
public:
    explicit ParamsSchema(
        const std::string& schema_text);  // throws std::invalid_argument: a fault of this build
    ~ParamsSchema();

    struct Fault {
        std::string path;  // "cases[0].id", empty for the whole
        std::string message;
    };
    std::vector<Fault> validate(const Json& params) const;
    // Members that are not set get the schema's default, also inside objects and array items.
    Json withDefaults(const Json& params) const;
    const Json& json() const { return schema_; }

private:
    struct Rules;
    Json schema_;
    std::unique_ptr<Rules> rules_;
};

// Parsed once for each node type of this build.
const ParamsSchema& schemaOf(const NodeType& type);

}  // namespace signalbox::workflow

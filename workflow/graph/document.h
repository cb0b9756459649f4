// The text of an export as a value: JSON, or YAML as Dify writes it. Pure; any thread. The YAML library stays
// behind this file.
#pragma once

#include <string_view>

#include "base/json.h"
#include "base/result.h"

namespace signalbox::workflow {

// Whether a text is meant as YAML: it does not begin with { or [.
bool looksLikeYaml(std::string_view text);

// Errors: Invalid with code json_syntax, json_limit, yaml_syntax; they name line and column.
Result<Json> parseDocument(std::string_view text, const JsonLimits& limits);
// Scalars as in the core schema of YAML 1.2; anchors and aliases are copied out within the limits.
Result<Json> parseYamlDocument(std::string_view text, const JsonLimits& limits);

}  // namespace signalbox::workflow

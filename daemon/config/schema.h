// What a JSON Schema says about a value of the configuration: types settled, faults in words, defaults filled
// in, secrets found. Pure; schemas are our own and right.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/secret.h"
#include "daemon/config/problem.h"
#include "daemon/config/yaml_document.h"

namespace signalbox::config {

// Where a value stands, and what is known about its parts.
struct Place {
    const YamlDocument& document;
    const std::set<std::string>& referenced;  // paths whose text came from ${…}
    const std::set<std::string>& unread;      // paths whose ${…} could not be read: a problem already
};

// Where the schema wants a text, an unquoted 0815 or true is the text that was written; where it wants a
// number or a boolean, a text that came from ${…} is read as if it stood there.
void settleTypes(const Json& schema, Json& value, const std::string& path, const Place& place);

// Every fault, in words that name a remedy and never the value.
void check(const Json& schema, const Json& value, const std::string& path, const Place& place,
           std::vector<Problem>& problems);

// Members that are not there get the schema's default, also inside of maps and lists.
void fillDefaults(const Json& schema, Json& value);

// The texts that the schema marks with "x-secret".
void collectSecrets(const Json& schema, const Json& value, std::vector<Secret>& out);
// The same value with *** for each of them.
Json maskSecrets(const Json& schema, Json value);

// What the schema marks with `mark` ("x-secret", "x-destination": where secrets are sent), by its path.
std::map<std::string, Json> markedValues(const Json& schema, const Json& value, std::string_view mark);

// The validating library's word on a whole value, for keywords that `check` has no words for.
struct SchemaFault {
    std::string path;
    std::string what;
};
std::vector<SchemaFault> validate(const Json& schema, const Json& value);

}  // namespace signalbox::config

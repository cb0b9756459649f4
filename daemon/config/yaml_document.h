// A YAML file as a JSON value that remembers where everything stood. The only file that knows yaml-cpp is
// yaml_document.cc. Values only, no threads.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/json.h"
#include "base/result.h"
#include "daemon/config/problem.h"

namespace signalbox::config {

struct YamlDocument {
    Json value;                              // what is not quoted reads as in YAML 1.2: null, true, 12, 1.5
    std::map<std::string, Position> keys;    // by path; of an item: where it begins
    std::map<std::string, Position> values;  // by path
    std::map<std::string, std::string> literals;  // by path: how an unquoted number or boolean was written

    bool is_whole = false;  // false: the reading ended at a fault

    // Of the key when it is there, else of what should hold it.
    Position keyPosition(const std::string& path) const;
    Position valuePosition(const std::string& path) const;
};

// Faults of the text go to `problems`; what was read before one of them is kept. One document without
// anchors, aliases and tags; a key twice in a map is a fault. Never throws.
YamlDocument parseYaml(std::string_view text, std::vector<Problem>& problems);

// An unquoted scalar's value: "12" → 12, "true" → true, "" → null, "a" → "a".
Json readScalar(const std::string& text);

}  // namespace signalbox::config

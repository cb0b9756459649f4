// One remark of the check of a graph: what, where, and what to do about it.
#pragma once

#include <string>
#include <vector>

#include "base/json.h"

namespace signalbox::workflow {

enum class Severity { Error, Warning, Note };  // an error refuses publishing

struct Finding {
    std::string code;  // stable: "unknown_type", "duplicate_node" …, listed in workflow/graph/README.md
    Severity severity = Severity::Error;
    std::string node, edge;  // ids, empty where it is about neither
    std::string message;     // what is wrong
    std::string remedy;      // what to do
    std::string path;        // where in the export: "nodes[3].data.cases[0].when"; filled in by lint
};

const char* toString(Severity severity);

inline bool hasErrors(const std::vector<Finding>& findings) {
    for (const auto& finding : findings) {
        if (finding.severity == Severity::Error) return true;
    }
    return false;
}

Json toJson(const Finding& finding);
Json toJson(const std::vector<Finding>& findings);

}  // namespace signalbox::workflow

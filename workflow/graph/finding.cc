#include "workflow/graph/finding.h"

namespace signalbox::workflow {

const char* toString(Severity severity) {
    switch (severity) {
        case Severity::Error:
            return "error";
        case Severity::Warning:
            return "warning";
        case Severity::Note:
            return "note";
    }
    return "error";
}

Json toJson(const Finding& finding) {
    Json out = {{"code", finding.code},
                {"severity", toString(finding.severity)},
                {"message", finding.message},
                {"remedy", finding.remedy}};
    if (!finding.node.empty()) out["node"] = finding.node;
    if (!finding.edge.empty()) out["edge"] = finding.edge;
    if (!finding.path.empty()) out["path"] = finding.path;
    return out;
}

Json toJson(const std::vector<Finding>& findings) {
    Json out = Json::array();
    for (const auto& finding : findings) out.push_back(toJson(finding));
    return out;
}

}  // namespace signalbox::workflow

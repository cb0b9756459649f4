#include "workflow/graph/finding.h"

namespace signalbox::workflow {

Json toJson(const Finding& finding) {
    Json out = {{"code", finding.code},
                {"severity", finding.severity == Severity::Error ? "error" : "warning"},
                {"message", finding.message},
                {"remedy", finding.remedy}};
    if (!finding.node.empty()) out["node"] = finding.node;
    if (!finding.edge.empty()) out["edge"] = finding.edge;
    return out;
}

Json toJson(const std::vector<Finding>& findings) {
    Json out = Json::array();
    for (const auto& finding : findings) out.push_back(toJson(finding));
    return out;
}

}  // namespace signalbox::workflow

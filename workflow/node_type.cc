#include "workflow/node_type.h"

#include <algorithm>

namespace signalbox::workflow {

std::vector<Port> NodeType::ports(const Json&) const {
    return {{"out", "Out"}};
}

std::vector<std::string> NodeType::check(const Json&) const {
    return {};
}

Result<std::unique_ptr<const Prepared>> NodeType::prepare(const Json&) const {
    return std::unique_ptr<const Prepared>(std::make_unique<Prepared>());
}

Result<Outcome> NodeType::resume(const NodeInput&, const Json&) const {
    return Error{ErrorKind::Invalid, name() + ": was woken although it never waits"};
}

Result<std::optional<Json>> NodeType::passResult(const NodeInput&) const {
    return std::optional<Json>{};
}

Result<bool> NodeType::matches(const Prepared&, const Json&) const {
    return false;
}

const NodeType* findNodeType(std::string_view name) {
    const auto& types = nodeTypes();
    const auto at =
        std::find_if(types.begin(), types.end(), [&](auto* type) { return type->name() == name; });
    return at == types.end() ? nullptr : *at;
}

}  // namespace signalbox::workflow

#include "daemon/app/workflow_actions.h"

namespace signalbox {

Result<workflow::PreparedAction> WorkflowActions::prepare(const workflow::ActionRequest& action) {
    const std::string kind = textAt(action.request, "kind");
    const auto handler = handlers_.find(kind);
    if (handler != handlers_.end()) return handler->second(action);
    return Error{ErrorKind::Invalid,
                 "action \"" + kind.substr(0, 80) + "\" is not known to this daemon",
                 {},
                 "unknown_action"};
}

}  // namespace signalbox

// The changes that workflows make in the hub, by kind. The parts that own the tables add theirs while the
// daemon is built; afterwards the table only is read, by workflow workers.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "workflow/engine/ports.h"

namespace signalbox {

class WorkflowActions : public workflow::Actions {
public:
    // See workflow::Actions::prepare.
    using Handler = std::function<Result<workflow::PreparedAction>(const workflow::ActionRequest&)>;

    // `kind` as it stands in a node's request: "conversation.assign". Before the engine starts; one handler
    // for each kind.
    void add(std::string kind, Handler handler) {
        handlers_.insert_or_assign(std::move(kind), std::move(handler));
    }
    // Invalid with code unknown_action when nobody has added the kind.
    Result<workflow::PreparedAction> prepare(const workflow::ActionRequest& action) override;

private:
    std::map<std::string, Handler, std::less<>> handlers_;
};

}  // namespace signalbox

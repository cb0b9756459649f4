// Changes the status of the conversation. The change happens in the commit of the walk (hub/inbox).
#include "workflow/act_node.h"

namespace signalbox::workflow::set_status {

extern const char* const kSchema;

const NodeType& type() {
    static const ActNode instance("set_status", kSchema, "conversation.status");
    return instance;
}

}  // namespace signalbox::workflow::set_status

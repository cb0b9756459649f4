// Says how urgent the conversation is. The change happens in the commit of the walk (hub/inbox).
#include "workflow/act_node.h"

namespace signalbox::workflow::set_priority {

extern const char* const kSchema;

const NodeType& type() {
    static const ActNode instance("set_priority", kSchema, "conversation.priority");
    return instance;
}

}  // namespace signalbox::workflow::set_priority

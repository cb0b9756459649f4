// Assigns the conversation. The change happens in the commit of the walk (hub/inbox).
#include "workflow/act_node.h"

namespace signalbox::workflow::assign_conversation {

extern const char* const kSchema;

const NodeType& type() {
    static const ActNode instance("assign_conversation", kSchema, "conversation.assign");
    return instance;
}

}  // namespace signalbox::workflow::assign_conversation

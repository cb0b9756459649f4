// Tags the conversation. The change happens in the commit of the walk (hub/inbox).
#include "workflow/act_node.h"

namespace signalbox::workflow::tag_conversation {

extern const char* const kSchema;

const NodeType& type() {
    static const ActNode instance("tag_conversation", kSchema, "conversation.tag");
    return instance;
}

}  // namespace signalbox::workflow::tag_conversation

// Starts a run for what happens to a conversation.
#include "workflow/event_filter.h"

namespace signalbox::workflow::trigger_conversation {

extern const char* const kSchema;

const NodeType& type() {
    static const FieldTrigger instance(
        "trigger.conversation", kSchema,
        {"conversation.opened", "conversation.assigned", "conversation.idle", "conversation.resolved"},
        {{"channel", "channel"},
         {"account", "account"},
         {"assignee", "assignee"},
         {"team", "team"},
         {"waiting_for", "waiting_for"}});
    return instance;
}

}  // namespace signalbox::workflow::trigger_conversation

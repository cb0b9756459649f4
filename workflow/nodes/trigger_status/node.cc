// Starts a run when the state of a message of ours changes.
#include "workflow/event_filter.h"

namespace signalbox::workflow::trigger_status {

extern const char* const kSchema;

const NodeType& type() {
    static const FieldTrigger instance("trigger.status", kSchema, {"message.status"},
                                       {{"state", "state"}, {"account", "account"}, {"code", "code"}});
    return instance;
}

}  // namespace signalbox::workflow::trigger_status

// Starts a run for what happens to a call.
#include "workflow/event_filter.h"

namespace signalbox::workflow::trigger_call {

extern const char* const kSchema;

const NodeType& type() {
    static const FieldTrigger instance("trigger.call", kSchema,
                                       {"call.started", "call.answered", "call.missed", "call.ended"},
                                       {{"direction", "call.direction"},
                                        {"to", "call.to"},
                                        {"queue", "call.queue"},
                                        {"agent", "call.agent"}});
    return instance;
}

}  // namespace signalbox::workflow::trigger_call

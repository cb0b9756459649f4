// Starts a run for a new lead.
#include "workflow/event_filter.h"

namespace signalbox::workflow::trigger_lead_created {

extern const char* const kSchema;

const NodeType& type() {
    static const FieldTrigger instance(
        "trigger.lead_created", kSchema, {"lead.created"},
        {{"source", "lead.source"}, {"pipeline", "lead.pipeline"}, {"owner", "lead.owner"}});
    return instance;
}

}  // namespace signalbox::workflow::trigger_lead_created

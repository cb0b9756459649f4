// Starts a run when a lead moves to another stage.
#include "workflow/event_filter.h"

namespace signalbox::workflow::trigger_lead_stage {

extern const char* const kSchema;

const NodeType& type() {
    static const FieldTrigger instance(
        "trigger.lead_stage", kSchema, {"lead.stage_changed"},
        {{"from", "from_stage"}, {"to", "to_stage"}, {"pipeline", "lead.pipeline"}});
    return instance;
}

}  // namespace signalbox::workflow::trigger_lead_stage

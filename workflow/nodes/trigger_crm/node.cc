// Starts a run when a record of a CRM changes.
#include "workflow/event_filter.h"

namespace signalbox::workflow::trigger_crm {

extern const char* const kSchema;

const NodeType& type() {
    static const FieldTrigger instance("trigger.crm", kSchema, {"crm.record_changed"},
                                       {{"system", "system"}, {"object", "object"}, {"change", "change"}});
    return instance;
}

}  // namespace signalbox::workflow::trigger_crm

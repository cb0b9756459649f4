// Starts a run when a run of a workflow has failed. The engine keeps failures of what such runs do to
// themselves, so that an error workflow never starts itself.
#include "workflow/event_filter.h"

namespace signalbox::workflow::trigger_error {

extern const char* const kSchema;

const NodeType& type() {
    static const FieldTrigger instance(
        "trigger.error", kSchema, {"run.failed"},
        {{"workflow", "workflow"}, {"node", "node"}, {"status", "status"}, {"kind", "error.kind"}});
    return instance;
}

}  // namespace signalbox::workflow::trigger_error

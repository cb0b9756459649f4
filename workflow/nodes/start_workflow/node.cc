// Starts another workflow and does not wait for it.
#include "workflow/spawn_node.h"

namespace signalbox::workflow::start_workflow {

extern const char* const kSchema;

const NodeType& type() {
    static const SpawnNode instance("start_workflow", kSchema, false);
    return instance;
}

}  // namespace signalbox::workflow::start_workflow

// Runs another workflow as a part of this one: its result, error, end and time are this node's.
#include "workflow/spawn_node.h"

namespace signalbox::workflow::sub_workflow {

extern const char* const kSchema;

const NodeType& type() {
    static const SpawnNode instance("sub_workflow", kSchema, true);
    return instance;
}

}  // namespace signalbox::workflow::sub_workflow

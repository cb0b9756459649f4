// Makes a task. The change happens in the commit of the walk (hub/work).
#include "workflow/act_node.h"

namespace signalbox::workflow::create_task {

extern const char* const kSchema;

const NodeType& type() {
    static const ActNode instance("create_task", kSchema, "task.save");
    return instance;
}

}  // namespace signalbox::workflow::create_task

// Changes a ticket, task, lead or call. The change happens in the commit of the walk (hub/work).
#include "workflow/act_node.h"

namespace signalbox::workflow::change_item {

extern const char* const kSchema;

const NodeType& type() {
    static const ActNode instance("change_item", kSchema, "work.change");
    return instance;
}

}  // namespace signalbox::workflow::change_item

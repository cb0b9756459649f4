// Makes a ticket. The change happens in the commit of the walk (hub/work).
#include "workflow/act_node.h"

namespace signalbox::workflow::create_ticket {

extern const char* const kSchema;

const NodeType& type() {
    static const ActNode instance("create_ticket", kSchema, "ticket.save");
    return instance;
}

}  // namespace signalbox::workflow::create_ticket

// Writes a call down. The change happens in the commit of the walk (hub/work).
#include "workflow/act_node.h"

namespace signalbox::workflow::record_call {

extern const char* const kSchema;

const NodeType& type() {
    static const ActNode instance("record_call", kSchema, "call.save");
    return instance;
}

}  // namespace signalbox::workflow::record_call

// Makes a lead, or changes the one with the same source and reference. The change happens in the commit of
// the walk (hub/work).
#include "workflow/act_node.h"

namespace signalbox::workflow::save_lead {

extern const char* const kSchema;

const NodeType& type() {
    static const ActNode instance("save_lead", kSchema, "lead.save");
    return instance;
}

}  // namespace signalbox::workflow::save_lead

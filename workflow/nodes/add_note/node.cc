// Adds an internal note. The change happens in the commit of the walk (hub/inbox).
#include "workflow/act_node.h"

namespace signalbox::workflow::add_note {

extern const char* const kSchema;

const NodeType& type() {
    static const ActNode instance("add_note", kSchema, "note.add");
    return instance;
}

}  // namespace signalbox::workflow::add_note

// Makes a person, or changes the one that is known by a phone number or an address. The change happens in the
// commit of the walk (hub/people).
#include "workflow/act_node.h"

namespace signalbox::workflow::save_contact {

extern const char* const kSchema;

const NodeType& type() {
    static const ActNode instance("save_contact", kSchema, "person.save");
    return instance;
}

}  // namespace signalbox::workflow::save_contact

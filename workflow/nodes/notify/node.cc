// Tells users something in the application, and by mail where that is wanted. The change happens in the
// commit of the walk (hub/notices).
#include "workflow/act_node.h"

namespace signalbox::workflow::notify {

extern const char* const kSchema;

const NodeType& type() {
    static const ActNode instance("notify", kSchema, "user.notify");
    return instance;
}

}  // namespace signalbox::workflow::notify

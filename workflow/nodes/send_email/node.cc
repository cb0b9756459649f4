// Sends a mail: send_message with what only mails have.
#include "workflow/send_node.h"

namespace signalbox::workflow::send_email {

extern const char* const kSchema;

const NodeType& type() {
    static const SendNode instance("send_email", kSchema, "email");
    return instance;
}

}  // namespace signalbox::workflow::send_email

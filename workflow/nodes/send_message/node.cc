// Sends a message of any channel through the outbox and goes on when the provider took it.
#include "workflow/send_node.h"

namespace signalbox::workflow::send_message {

extern const char* const kSchema;

const NodeType& type() {
    static const SendNode instance("send_message", kSchema, "");
    return instance;
}

}  // namespace signalbox::workflow::send_message

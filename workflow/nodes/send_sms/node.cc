// Sends an SMS: send_message by the channel sms.
#include "workflow/send_node.h"

namespace signalbox::workflow::send_sms {

extern const char* const kSchema;

const NodeType& type() {
    static const SendNode instance("send_sms", kSchema, "sms");
    return instance;
}

}  // namespace signalbox::workflow::send_sms

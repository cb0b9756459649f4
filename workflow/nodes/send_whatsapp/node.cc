// Sends a WhatsApp text or template: send_message by the channel whatsapp.
#include "workflow/send_node.h"

namespace signalbox::workflow::send_whatsapp {

extern const char* const kSchema;

const NodeType& type() {
    static const SendNode instance("send_whatsapp", kSchema, "whatsapp");
    return instance;
}

}  // namespace signalbox::workflow::send_whatsapp

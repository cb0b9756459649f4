// Who a message is from and how WhatsApp spells people. A person may have a phone number, a business-scoped
// user id, or both; `from` may hold either.
#pragma once

#include <string>
#include <string_view>

#include "base/json.h"
#include "hub/model/envelope.h"

namespace signalbox::whatsapp_cloud {

// "+" and the digits of a wa_id, or the text as it came when it is none.
std::string phoneFrom(std::string_view wa_id);
// IN.1349120865530274: two letters, a dot, and the id.
bool isUserId(std::string_view text);

struct Peer {
    Participant participant;  // phone first where there is one: it is how to answer
    std::string thread_key;   // digits of the phone, else the user id
    std::string username;
};

// Both ids may be empty; `contacts` of the same callback give name, username and the id that is missing.
Peer peerFrom(std::string wa_id, std::string user_id, const Json& contacts);

}  // namespace signalbox::whatsapp_cloud

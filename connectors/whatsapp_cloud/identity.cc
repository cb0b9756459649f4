#include "connectors/whatsapp_cloud/identity.h"

#include <algorithm>

namespace signalbox::whatsapp_cloud {
namespace {

constexpr std::size_t kMaxPhoneDigits = 20;

bool isDigit(char c) {
    return c >= '0' && c <= '9';
}
bool isUpper(char c) {
    return c >= 'A' && c <= 'Z';
}

const std::string& textOf(const Json& object, const char* key) {
    static const std::string kEmpty;
    const Json& member = memberAt(object, key);
    return member.is_string() ? member.get_ref<const std::string&>() : kEmpty;
}

// Contacts may come in another order than the messages, and may be missing. A message that names nobody
// belongs to the only contact.
const Json& contactOf(const std::string& wa_id, const std::string& user_id, const Json& contacts) {
    static const Json kNone;
    if (!contacts.is_array()) return kNone;
    for (const Json& contact : contacts) {
        const bool is_same = (!wa_id.empty() && textOf(contact, "wa_id") == wa_id) ||
                             (!user_id.empty() && textOf(contact, "user_id") == user_id);
        if (is_same) return contact;
    }
    const bool is_only_one = wa_id.empty() && user_id.empty() && contacts.size() == 1;
    return is_only_one ? contacts[0] : kNone;
}

}  // namespace

std::string phoneFrom(std::string_view wa_id) {
    if (wa_id.starts_with('+')) wa_id.remove_prefix(1);
    const bool is_phone =
        !wa_id.empty() && wa_id.size() <= kMaxPhoneDigits && std::all_of(wa_id.begin(), wa_id.end(), isDigit);
    return is_phone ? '+' + std::string(wa_id) : std::string(wa_id);
}

bool isUserId(std::string_view text) {
    return text.size() > 3 && isUpper(text[0]) && isUpper(text[1]) && text[2] == '.';
}

Peer peerFrom(std::string wa_id, std::string user_id, const Json& contacts) {
    if (isUserId(wa_id)) {
        if (user_id.empty()) user_id = wa_id;
        wa_id.clear();
    }
    const Json& contact = contactOf(wa_id, user_id, contacts);
    if (wa_id.empty()) wa_id = textOf(contact, "wa_id");
    if (user_id.empty()) user_id = textOf(contact, "user_id");

    Peer peer;
    const Json& profile = memberAt(contact, "profile");
    peer.username = textOf(profile, "username");
    peer.participant.name = textOf(profile, "name");
    if (peer.participant.name.empty()) peer.participant.name = peer.username;
    auto& identities = peer.participant.identities;
    if (!wa_id.empty()) {
        std::string phone = phoneFrom(wa_id);
        peer.thread_key = phone.starts_with('+') ? phone.substr(1) : phone;
        identities.push_back({"phone", std::move(phone)});
    }
    if (!user_id.empty()) {
        if (peer.thread_key.empty()) peer.thread_key = user_id;
        identities.push_back({"wa_user_id", std::move(user_id)});
    }
    return peer;
}

}  // namespace signalbox::whatsapp_cloud

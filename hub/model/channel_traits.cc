#include "hub/model/channel_traits.h"

#include <algorithm>
#include <array>

namespace signalbox {
namespace {

// Providers that we send through: none of them takes back or changes what was sent (WhatsApp Cloud API, SMS,
// e-mail); their own apps' edits and deletes come in as events. Conversations that we carry ourselves can do
// all.
constexpr std::array<ChannelTraits, 6> kChannels = {{
    {"whatsapp", true, true, true, true, true, true, false, false, true, 24, 4'096},
    {"sms", true, true, false, false, false, false, false, false, true, 0, 1'600},
    {"email", true, true, false, false, true, false, false, false, true, 0, 0},
    {"webchat", true, true, false, false, false, false, false, false, false, 0, 0},
    {"portal", true, true, true, true, true, false, true, true, true, 0, 0},
    {"internal", true, true, true, true, true, false, true, true, false, 0, 0},
}};

}  // namespace

const ChannelTraits* channelTraits(std::string_view channel) {
    const auto found = std::find_if(kChannels.begin(), kChannels.end(),
                                    [&](const auto& traits) { return traits.channel == channel; });
    return found == kChannels.end() ? nullptr : found;
}

Json channelsJson() {
    Json items = Json::array();
    for (const ChannelTraits& traits : kChannels) {
        items.push_back({{"channel", traits.channel},
                         {"sends", traits.sends},
                         {"attachments", traits.attachments},
                         {"reactions", traits.reactions},
                         {"read_marks", traits.read_marks},
                         {"reply_to", traits.reply_to},
                         {"templates", traits.templates},
                         {"edit", traits.edit},
                         {"delete_for_everyone", traits.delete_for_everyone},
                         {"delivery_ticks", traits.delivery_ticks},
                         {"window_hours", traits.window_hours},
                         {"longest_text", traits.longest_text}});
    }
    return items;
}

}  // namespace signalbox

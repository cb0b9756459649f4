// What a channel lets our side do, as the API tells it and as the inbox asks it. Pure.
#pragma once

#include <string_view>

#include "base/json.h"

namespace signalbox {

struct ChannelTraits {
    std::string_view channel;
    bool sends = false, attachments = false, reactions = false, read_marks = false, reply_to = false;
    bool templates = false;
    bool edit = false, delete_for_everyone = false;  // after it was sent
    bool delivery_ticks = false;
    int window_hours = 0;  // free text only so long after the other side wrote; 0: always
    int longest_text = 0;  // 0: no limit but ours
};

// Null: not a channel that carries conversations.
const ChannelTraits* channelTraits(std::string_view channel);
Json channelsJson();

}  // namespace signalbox

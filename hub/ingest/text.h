// Text of foreign origin made safe to store and show.
#pragma once

#include <string>
#include <string_view>

namespace signalbox {

// Bytes that are no UTF-8 and control characters other than tab and newline become U+FFFD; CR LF becomes LF.
std::string cleanText(std::string_view text);

}  // namespace signalbox

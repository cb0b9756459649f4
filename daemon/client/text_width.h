// How text of strangers appears on a terminal. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace signalbox::client {

// Columns that the text takes: wide characters two, combining ones none.
std::size_t displayWidth(std::string_view text);

// Not wider than `columns`, with … where something was cut off.
std::string fitTo(std::string_view text, std::size_t columns);

// One line that cannot command the terminal: line breaks and tabs become spaces, control characters and
// those that turn the direction of writing become U+FFFD, and so do bytes that are no UTF-8.
std::string printable(std::string_view text);

}  // namespace signalbox::client

// UTF-8 as RFC 3629 has it. Pure.
#pragma once

#include <cstddef>
#include <string_view>

namespace signalbox {

// Stands for what is none.
inline constexpr std::string_view kUtf8Replacement = "\xEF\xBF\xBD";

// Length of the well-formed sequence at the front of `text`, which is not empty; 0 when there is none.
std::size_t utf8SequenceLength(std::string_view text);

}  // namespace signalbox

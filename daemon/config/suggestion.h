// The word that someone probably meant.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace signalbox::config {

// The nearest of `known` when it is near enough to be a slip of the pen, else "".
std::string suggest(std::string_view written, const std::vector<std::string>& known);

// " (bot_token?)", or "" without a suggestion.
std::string suggestionFor(std::string_view written, const std::vector<std::string>& known);

}  // namespace signalbox::config

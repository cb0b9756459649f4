// Text as part of an HTML page.
#pragma once

#include <string>
#include <string_view>

namespace signalbox {

// & < > " ' as character references: safe between tags and in quoted attributes. Pure.
std::string escapeHtml(std::string_view text);

}  // namespace signalbox

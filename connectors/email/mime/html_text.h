// What a person reads of an HTML mail, as plain text: paragraphs, lists, links with their addresses, quotes
// behind «> ». Total, linear, thread-safe.
#pragma once

#include <string>
#include <string_view>

namespace signalbox::mime {

std::string htmlToText(std::string_view html);

}  // namespace signalbox::mime

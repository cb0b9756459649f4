// The head of a mail as a strict reader wants it. GMime ends the headers at the first line that is none, and
// takes everything behind it for the text. Pure, linear.
#pragma once

#include <string>
#include <string_view>

namespace signalbox::mime {

// «Name: …».
bool isHeaderLine(std::string_view line);

// The mail, or `changed` when its head needed it: a space or a foreign line before the first header goes,
// «From » lines of an mbox and names with bytes beyond ASCII among the headers go, a broken line between
// headers is taken for the continuation of the one before it, and where the empty line behind the headers is
// missing it is put in.
std::string_view withMendedHead(std::string_view mail, std::string& changed);

}  // namespace signalbox::mime

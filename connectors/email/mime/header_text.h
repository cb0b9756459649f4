// Header values as people read them: unfolded, RFC 2047 words decoded (also those split in the middle of a
// character, and the wrong ones that are common), raw 8-bit bytes read. Total, thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace signalbox::mime {

std::string unfold(std::string_view raw);
std::string decodeHeader(std::string_view raw);
// Message-IDs of a header, without brackets, in its order, each once. `<a@b <c@d>` gives c@d; words without
// brackets are taken when they look like ids and there are no others.
std::vector<std::string> parseMessageIds(std::string_view raw);

}  // namespace signalbox::mime

// Base64 as mails have it: line breaks, dots and dirt between, cut off in the middle of a group, a list's
// footer or a second padded block behind the padding. Pure.
#pragma once

#include <string>
#include <string_view>

namespace signalbox::mime {

// The bytes of what can be read. Behind padding it goes on only where all the rest is base64 too.
std::string decodeLenientBase64(std::string_view text);

}  // namespace signalbox::mime

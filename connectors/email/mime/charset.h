// Bytes in any charset become UTF-8, through ICU. Total: what fits nothing is read as windows-1252, what is
// broken becomes U+FFFD. The order: a byte order mark, what was declared, UTF-8 when it is valid, ICU's
// detector, windows-1252. Thread-safe.
#pragma once

#include <string>
#include <string_view>

namespace signalbox::mime {

// `declared` may be empty, wrong, an alias or nonsense.
std::string toUtf8(std::string_view bytes, std::string_view declared);
bool isUtf8(std::string_view bytes);
bool isAscii(std::string_view bytes);
// True when there is a converter for the name.
// What the bytes look like, of ICU's names; "": nothing is certain enough.
std::string detectedCharset(std::string_view bytes);
bool isKnownCharset(std::string_view name);
// Broken sequences and NUL become U+FFFD, so that every text we hand out is UTF-8.
std::string validUtf8(std::string_view text);
void appendUtf8(std::string& out, char32_t c);

}  // namespace signalbox::mime

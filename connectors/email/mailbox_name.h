// Names of folders as IMAP spells them: modified UTF-7 (RFC 3501, 5.1.3). Pure.
#pragma once

#include <string>
#include <string_view>

namespace signalbox::email {

// A name as people write it. One that is spelled so already stays as it is, and so does what is not UTF-8.
std::string toMailboxName(const std::string& utf8);
// For people to read; what cannot be read stays as it is.
std::string fromMailboxName(const std::string& name);

}  // namespace signalbox::email

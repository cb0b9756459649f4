// Plain text beside HTML, and the other way round, for mails that we write. Pure and total.
#pragma once

#include <string>
#include <string_view>

namespace signalbox::email {

// Tags go, blocks become lines, links keep their address, the five common entities and numbers are resolved.
std::string plainTextOf(std::string_view html);
// Escaped; lines become <br>.
std::string textToHtml(std::string_view text);

}  // namespace signalbox::email

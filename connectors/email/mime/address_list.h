// Lists of addresses as mails really hold them: RFC 5322 with groups, comments, routes and quoted strings;
// «;» for «,», names without quotes, missing brackets, encoded words anywhere. Total, linear, thread-safe.
#pragma once

#include <string_view>
#include <vector>

#include "hub/model/mail.h"

namespace signalbox::mime {

// Members of groups stand in the list like all others; an empty group gives nothing.
std::vector<MailAddress> parseAddresses(std::string_view raw);

}  // namespace signalbox::mime

// HTML of a mail that may be shown in a page: only listed elements, attributes and style properties remain.
// Scripts, styles, forms, handlers and foreign addresses go; images of other servers are not loaded (their
// address stays in data-remote-src); links say where they lead. Total, linear, thread-safe.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace signalbox::mime {

struct SanitizedHtml {
    std::string html;
    std::size_t links = 0;
    bool has_remote_images = false;
};

SanitizedHtml sanitizeHtml(std::string_view html);

// HTML of our side as it may leave: a mail program makes a page of it, so style sheets, any style and remote
// images stay (also those whose address sanitizeHtml put aside); what runs, asks or frames goes as above, and
// so do comments. The same again changes nothing.
std::string htmlToSend(std::string_view html);

}  // namespace signalbox::mime

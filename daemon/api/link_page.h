// A page behind a link that a mail carries: the link is its secret, so it is not to be cached, framed, or
// told to another site; no scripts.
#pragma once

#include <string>

#include "base/http_message.h"

namespace signalbox::api {

// `title` is plain text, `body` is HTML that was escaped where it must be.
HttpResponse linkPage(int status, const std::string& title, const std::string& body);

}  // namespace signalbox::api

// Cookies of a request (RFC 6265).
#pragma once

#include <string>
#include <string_view>

#include "base/http_message.h"

namespace signalbox::api {

// "" when there is none of that name; the first when there are several.
std::string cookieOf(const HttpRequest& request, std::string_view name);

}  // namespace signalbox::api

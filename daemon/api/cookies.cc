#include "daemon/api/cookies.h"

#include <algorithm>

namespace signalbox::api {

std::string cookieOf(const HttpRequest& request, std::string_view name) {
    for (const auto& [field, value] : request.headers) {
        if (!equalsIgnoringCase(field, "cookie")) continue;
        for (std::string_view rest = value; !rest.empty();) {
            const auto end = std::min(rest.find(';'), rest.size());
            std::string_view one = rest.substr(0, end);
            while (one.starts_with(' ')) one.remove_prefix(1);
            if (one.starts_with(name) && one.substr(name.size()).starts_with('='))
                return std::string(one.substr(name.size() + 1));
            rest.remove_prefix(std::min(end + 1, rest.size()));
        }
    }
    return "";
}

}  // namespace signalbox::api

#include "connectors/twilio/public_url.h"

#include <algorithm>

#include "base/http_message.h"
#include "connectors/sdk/url.h"

namespace signalbox::twilio {
namespace {

// Cuts `text` at the first `mark` and returns what stood behind it.
std::string cutAt(std::string_view& text, char mark) {
    const auto at = text.find(mark);
    if (at == std::string_view::npos) return {};
    std::string behind(text.substr(at + 1));
    text = text.substr(0, at);
    return behind;
}

}  // namespace

std::string PublicUrl::withPort(const std::string& other) const {
    return server + (other.empty() ? "" : ":" + other) + path;
}

Result<PublicUrl> parsePublicUrl(std::string_view text) {
    if (auto valid = parseUrl(text); !valid) return valid.error();
    PublicUrl out;
    out.fragment = cutAt(text, '#');
    out.query = cutAt(text, '?');
    const auto host = text.find("://") + 3;
    const auto path = std::min(text.find('/', host), text.size());
    out.path = text.substr(path);
    std::string_view authority = text.substr(0, path);
    if (const auto colon = authority.rfind(':'); colon > host && authority.back() != ']') {
        out.port = authority.substr(colon + 1);
        authority = authority.substr(0, colon);
    }
    out.server = authority;
    return out;
}

std::string withParameter(const std::string& url, std::string_view name, std::string_view value) {
    const auto end = std::min(url.find('#'), url.size());
    std::string out = url.substr(0, end);
    out += out.find('?') == std::string::npos ? '?' : '&';
    out.append(name).append("=").append(percentEncode(value));
    return out + url.substr(end);
}

}  // namespace signalbox::twilio

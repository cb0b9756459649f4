#include "connectors/sdk/url.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/http_message.h"

namespace signalbox {
namespace {

constexpr std::size_t kMaxHost = 253;  // RFC 1035
constexpr std::size_t kMaxTarget = 16 * 1024;

Error invalid(const char* reason) {
    return {ErrorKind::Invalid, std::string("url: ") + reason, {}, "bad_url"};
}

std::optional<bool> readScheme(std::string_view& text) {
    const auto end = text.find("://");
    if (end == std::string_view::npos) return std::nullopt;
    const auto scheme = text.substr(0, end);
    text.remove_prefix(end + 3);
    if (equalsIgnoringCase(scheme, "https")) return true;
    if (equalsIgnoringCase(scheme, "http")) return false;
    return std::nullopt;
}

bool isHostCharacter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
}
bool isAddressCharacter(char c) {
    return (c >= 'a' && c <= 'f') || (c >= '0' && c <= '9') || c == ':' || c == '.';
}

std::string lowerCase(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; });
    return out;
}

// The rest of the authority is left in `text`: nothing, or a colon and the port.
std::optional<std::string> readHost(std::string_view& text) {
    const bool is_address = text.starts_with('[');
    const auto end = is_address ? text.find(']') : std::min(text.find(':'), text.size());
    if (end == std::string_view::npos) return std::nullopt;
    std::string host = lowerCase(is_address ? text.substr(1, end - 1) : text.substr(0, end));
    text.remove_prefix(is_address ? end + 1 : end);
    const bool is_fine =
        !host.empty() && host.size() <= kMaxHost &&
        std::all_of(host.begin(), host.end(), is_address ? isAddressCharacter : isHostCharacter);
    return is_fine ? std::optional(std::move(host)) : std::nullopt;
}

std::optional<std::uint16_t> readPort(std::string_view text) {
    std::uint16_t port = 0;
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (fault != std::errc() || end != text.data() + text.size() || port == 0) return std::nullopt;
    return port;
}

bool isTargetCharacter(char c) {
    return c > ' ' && c < 0x7f;
}

std::uint16_t usualPort(bool is_tls) {
    return is_tls ? 443 : 80;
}

}  // namespace

std::string Url::authority() const {
    std::string text = host.find(':') == std::string::npos ? host : '[' + host + ']';
    if (port != usualPort(is_tls)) text += ':' + std::to_string(port);
    return text;
}

std::string Url::origin() const {
    return (is_tls ? "https://" : "http://") + authority();
}

Result<Url> parseUrl(std::string_view text) {
    Url url;
    const auto is_tls = readScheme(text);
    if (!is_tls) return invalid("must begin with https:// or http://");
    url.is_tls = *is_tls;
    url.port = usualPort(url.is_tls);

    const auto end = std::min(text.find_first_of("/?#"), text.size());
    auto authority = text.substr(0, end);
    if (authority.find('@') != std::string_view::npos) return invalid("must hold no user name or password");
    auto host = readHost(authority);
    if (!host) return invalid("host is missing or holds characters a host cannot have");
    url.host = std::move(*host);
    if (!authority.empty()) {
        const auto port = authority.front() == ':' ? readPort(authority.substr(1)) : std::nullopt;
        if (!port) return invalid("port must be a number from 1 to 65535");
        url.port = *port;
    }

    const auto target = text.substr(end, text.find('#') - end);
    if (target.size() > kMaxTarget) return invalid("longer than 16384 characters");
    if (!std::all_of(target.begin(), target.end(), isTargetCharacter))
        return invalid("spaces, control and non-ASCII characters must be percent-encoded");
    url.target = target.starts_with('/') ? std::string(target) : '/' + std::string(target);
    return url;
}

}  // namespace signalbox

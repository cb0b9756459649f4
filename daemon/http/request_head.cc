#include "daemon/http/request_head.h"

#include <algorithm>
#include <array>
#include <optional>

namespace signalbox::http {
namespace {

using Refused = std::optional<Refusal>;

constexpr std::size_t kMaxMethod = 32;
constexpr std::size_t kMaxLengthDigits = 18;

constexpr std::array<bool, 256> makeTokenTable() {
    std::array<bool, 256> table{};
    for (const char c : std::string_view("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz"))
        table[static_cast<unsigned char>(c)] = true;
    for (char c = 'A'; c <= 'Z'; ++c) table[static_cast<unsigned char>(c)] = true;
    return table;
}
constexpr auto kTokenTable = makeTokenTable();

bool isTokenChar(char c) {
    return kTokenTable[static_cast<unsigned char>(c)];
}

bool isDigit(char c) {
    return c >= '0' && c <= '9';
}

std::string_view trim(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

// Visible ASCII without the fragment mark, which never goes over the wire.
bool isTarget(std::string_view text) {
    return !text.empty() &&
           std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f && c != '#'; });
}

// uri-host [":" port], without userinfo.
bool isHost(std::string_view text) {
    const auto bracket = text.starts_with('[') ? text.find(']') : 0;
    if (bracket == std::string_view::npos) return false;
    const auto colon = text.find(':', bracket);
    const auto name = text.substr(0, colon);
    if (colon != std::string_view::npos) {
        const auto port = text.substr(colon + 1);
        if (port.size() > 5 || !std::all_of(port.begin(), port.end(), isDigit)) return false;
    }
    const auto allowed = [&](char c) {
        return isDigit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') ||
               std::string_view(bracket ? "-._~:[]" : "-._~%").find(c) != std::string_view::npos;
    };
    return !name.empty() && std::all_of(name.begin(), name.end(), allowed);
}

// Calls `visit` with each item of a comma-separated list.
template <class Visit>
void eachItem(std::string_view list, Visit visit) {
    while (!list.empty()) {
        const auto comma = std::min(list.find(','), list.size());
        visit(trim(list.substr(0, comma)));
        list.remove_prefix(std::min(comma + 1, list.size()));
    }
}

Refusal bad(const char* detail) {
    return {400, "malformed_request", detail};
}

class HeadParser {
public:
    HeadParser(std::string_view head, const HeadLimits& limits) : rest_(head), limits_(limits) {}

    std::variant<RequestHead, Refusal> parse() {
        if (auto refused = requestLine(takeLine())) return *refused;
        head_.request.headers.reserve(16);
        for (auto line = takeLine(); !line.empty(); line = takeLine()) {
            if (auto refused = field(line)) return *refused;
        }
        if (auto refused = framing()) return *refused;
        if (auto refused = authority()) return *refused;
        conclude();
        return std::move(head_);
    }

private:
    // HeadFinder has seen to it that each line ends with CR LF.
    std::string_view takeLine() {
        const auto end = rest_.find('\n');
        const auto line = rest_.substr(0, end - 1);
        rest_.remove_prefix(end + 1);
        return line;
    }

    Refused requestLine(std::string_view line) {
        const auto first = line.find(' ');
        const auto last = line.rfind(' ');
        if (first == last) return bad("the request line is not: method, target, version");
        const auto method = line.substr(0, first);
        const auto target = line.substr(first + 1, last - first - 1);
        if (method.size() > kMaxMethod || !isToken(method)) return bad("the method is not a token");
        if (!isTarget(target)) return bad("the target holds characters that must be percent-encoded");
        if (auto refused = version(line.substr(last + 1))) return refused;
        head_.request.method = method;
        head_.request.target = target;
        return std::nullopt;
    }

    Refused version(std::string_view version) {
        const bool is_http = version.size() == 8 && version.starts_with("HTTP/") && isDigit(version[5]) &&
                             version[6] == '.' && isDigit(version[7]);
        if (!is_http) return bad("the version is not HTTP/1.1");
        if (version != "HTTP/1.1" && version != "HTTP/1.0")
            return Refusal{505, "version_not_supported", "this server speaks HTTP/1.1"};
        head_.is_http_1_0 = version.back() == '0';
        return std::nullopt;
    }

    Refused field(std::string_view line) {
        if (++fields_ > limits_.max_fields) return Refusal{431, "too_many_headers", "too many header fields"};
        if (line.size() > limits_.max_field_bytes)
            return Refusal{431, "header_too_large", "a header field is too long"};
        const auto colon = line.find(':');
        if (colon == std::string_view::npos) return bad("a header line has no colon");
        const auto name = line.substr(0, colon);
        const auto value = trim(line.substr(colon + 1));
        // A name that is no token covers folded lines and a space before the colon as well.
        if (!isToken(name)) return bad("a header name is not a token");
        if (!isFieldValue(value)) return bad("a header value holds a control character");
        head_.request.headers.add(std::string(name), std::string(value));
        return known(name, value);
    }

    Refused known(std::string_view name, std::string_view value) {
        switch (name.size()) {
            case 4:
                if (equalsIgnoringCase(name, "host")) return host(value);
                break;
            case 6:
                if (equalsIgnoringCase(name, "expect")) return expect(value);
                break;
            case 7:
                if (equalsIgnoringCase(name, "upgrade")) upgrade(value);
                break;
            case 10:
                if (equalsIgnoringCase(name, "connection")) connection(value);
                break;
            case 14:
                if (equalsIgnoringCase(name, "content-length")) return contentLength(value);
                break;
            case 17:
                if (equalsIgnoringCase(name, "transfer-encoding")) return transferEncoding(value);
                break;
        }
        return std::nullopt;
    }

    Refused host(std::string_view value) {
        if (host_) return bad("more than one Host header");
        if (!isHost(value)) return bad("the Host header is not a host");
        host_ = value;
        return std::nullopt;
    }

    Refused expect(std::string_view value) {
        if (!equalsIgnoringCase(value, "100-continue"))
            return Refusal{417, "expectation_failed", "only 100-continue can be expected"};
        head_.expects_continue = true;
        return std::nullopt;
    }

    void upgrade(std::string_view value) {
        eachItem(value, [&](auto item) { upgrades_to_websocket_ |= equalsIgnoringCase(item, "websocket"); });
    }

    void connection(std::string_view value) {
        eachItem(value, [&](auto item) {
            says_close_ |= equalsIgnoringCase(item, "close");
            says_keep_alive_ |= equalsIgnoringCase(item, "keep-alive");
            says_upgrade_ |= equalsIgnoringCase(item, "upgrade");
        });
    }

    Refused contentLength(std::string_view value) {
        if (has_length_) return bad("more than one Content-Length header");
        const bool is_number = !value.empty() && value.size() <= kMaxLengthDigits &&
                               std::all_of(value.begin(), value.end(), isDigit);
        if (!is_number) return bad("the Content-Length is not a number");
        has_length_ = true;
        for (const char c : value) head_.content_length = head_.content_length * 10 + (c - '0');
        return std::nullopt;
    }

    Refused transferEncoding(std::string_view value) {
        if (head_.is_chunked) return bad("more than one Transfer-Encoding header");
        if (!equalsIgnoringCase(value, "chunked")) return bad("the only Transfer-Encoding is chunked");
        head_.is_chunked = true;
        return std::nullopt;
    }

    Refused framing() const {
        if (head_.is_chunked && has_length_) return bad("both Content-Length and Transfer-Encoding");
        if (head_.is_chunked && head_.is_http_1_0) return bad("Transfer-Encoding in an HTTP/1.0 request");
        if (!host_ && !head_.is_http_1_0) return bad("the Host header is missing");
        return std::nullopt;
    }

    // The absolute form becomes the origin form; it must not name another host than the Host header does.
    Refused authority() {
        auto& target = head_.request.target;
        if (target.starts_with('/')) return std::nullopt;
        if (target == "*" && head_.request.method == "OPTIONS") return std::nullopt;
        const auto scheme = target.starts_with("http://") ? 7u : target.starts_with("https://") ? 8u : 0u;
        if (scheme == 0) return bad("the target does not begin with a slash");
        const auto end = std::min(target.find_first_of("/?", scheme), target.size());
        const auto authority = std::string_view(target).substr(scheme, end - scheme);
        if (!isHost(authority) || (host_ && !equalsIgnoringCase(authority, *host_)))
            return bad("the target and the Host header name different hosts");
        target.erase(0, end);
        if (!target.starts_with('/')) target.insert(0, 1, '/');
        return std::nullopt;
    }

    void conclude() {
        head_.keeps_alive = !says_close_ && (!head_.is_http_1_0 || says_keep_alive_);
        head_.expects_continue = head_.expects_continue && !head_.is_http_1_0;
        head_.wants_websocket = says_upgrade_ && upgrades_to_websocket_ && !head_.is_http_1_0;
    }

    std::string_view rest_;
    const HeadLimits& limits_;
    RequestHead head_;
    std::size_t fields_ = 0;
    std::optional<std::string_view> host_;
    bool has_length_ = false, says_close_ = false, says_keep_alive_ = false, says_upgrade_ = false,
         upgrades_to_websocket_ = false;
};

}  // namespace

bool isToken(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), isTokenChar);
}

bool isFieldValue(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return (byte >= 0x20 && byte != 0x7f) || c == '\t';
    });
}

std::variant<std::size_t, Refusal> HeadFinder::find(std::string_view bytes) {
    // Something that is not HTTP at all (a TLS greeting, say) need not be waited for.
    if (!bytes.empty() && !isTokenChar(bytes.front())) return bad("the method is not a token");
    while (true) {
        const auto newline = bytes.find('\n', scanned_);
        if (newline == std::string_view::npos) break;
        if (bytes[newline - 1] != '\r') return bad("a line ends without a carriage return");
        const auto length = newline - 1 - line_start_;
        if (line_start_ == 0 && length > limits_.max_request_line) return unfinished(length);
        line_start_ = scanned_ = newline + 1;
        if (length > 0) continue;
        if (scanned_ > limits_.max_bytes) return unfinished(scanned_);
        return scanned_;
    }
    scanned_ = bytes.size();
    return unfinished(bytes.size());
}

std::variant<std::size_t, Refusal> HeadFinder::unfinished(std::size_t received) const {
    if (line_start_ == 0 && received > limits_.max_request_line)
        return Refusal{414, "request_line_too_long", "the request line is too long"};
    if (received > limits_.max_bytes)
        return Refusal{431, "headers_too_large", "the header fields are too long together"};
    return std::size_t{0};
}

std::variant<RequestHead, Refusal> parseHead(std::string_view head, const HeadLimits& limits) {
    return HeadParser(head, limits).parse();
}

}  // namespace signalbox::http

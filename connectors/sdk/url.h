// An absolute http or https URL in its parts. Used by the HTTP client and by connectors that must know whom
// they would hand a token to.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace signalbox {

struct Url {
    bool is_tls = true;
    std::string host;  // lower case, IPv6 without brackets
    std::uint16_t port = 443;
    std::string target = "/";  // path and query, percent-encoded; the fragment is dropped

    // As it stands in the Host header: the port is left out where it is the scheme's own.
    std::string authority() const;
    // Scheme, host and port: what a connection can be shared by.
    std::string origin() const;
};

// Invalid: another scheme, user information, a port out of range, or characters that must be encoded.
Result<Url> parseUrl(std::string_view text);

}  // namespace signalbox

// The URL that Twilio calls, letter by letter: signatures are computed over its text, so nothing of it may be
// normalized. Pure.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace signalbox::twilio {

struct PublicUrl {
    std::string server;  // "https://gw.example.org", as written
    std::string port;    // digits, empty when not written
    std::string path;    // empty when there is none
    std::string query;
    std::string fragment;  // Twilio's connection overrides: rc=2&rp=all

    std::string defaultPort() const { return server.starts_with("https") ? "443" : "80"; }
    // With another port ("": none) and without query and fragment.
    std::string withPort(const std::string& other) const;
};

// Invalid when it is no absolute http(s) URL.
Result<PublicUrl> parsePublicUrl(std::string_view text);

// `url` with one more query parameter, put in front of its fragment.
std::string withParameter(const std::string& url, std::string_view name, std::string_view value);

}  // namespace signalbox::twilio

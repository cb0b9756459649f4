// Content-Type and Content-Disposition: the value and its parameters, RFC 2231 continuations and charsets,
// RFC 2047 words where they are not allowed, values without quotes. Total, thread-safe.
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace signalbox::mime {

struct HeaderValue {
    std::string value;                              // lower case
    std::map<std::string, std::string> parameters;  // names in lower case, values in UTF-8

    const std::string& parameter(const std::string& name) const;
};

HeaderValue parseHeaderValue(std::string_view raw);
// "text/plain" for what is no type at all.
HeaderValue parseContentType(std::string_view raw);

}  // namespace signalbox::mime

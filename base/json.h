// JSON values. One alias, so that the library behind it is named in one place.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "base/result.h"

namespace signalbox {

using Json = nlohmann::json;

struct JsonLimits {
    std::size_t max_depth = 64;
    std::size_t max_values = 100'000;
    bool refuse_duplicate_keys = false;  // true for what our own users write, false for providers
};

// Never throws. The error names line and column ("line 3, column 14: …") and never quotes the text.
Result<Json> parseJson(std::string_view text, const JsonLimits& limits = {});

// Compact; bytes that are no UTF-8 become U+FFFD instead of an exception.
std::string dumpJson(const Json& value);
std::string dumpJsonPretty(const Json& value);

// `value[path…]` as text or number when it is there and of that type, else the fallback. Take any JSON value.
std::string textAt(const Json& value, std::string_view key, std::string_view fallback = "");
std::int64_t numberAt(const Json& value, std::string_view key, std::int64_t fallback = 0);
bool flagAt(const Json& value, std::string_view key, bool fallback = false);
// The member, or a shared null value.
const Json& memberAt(const Json& value, std::string_view key);

}  // namespace signalbox

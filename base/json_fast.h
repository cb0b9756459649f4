// JSON by simdjson, several times as fast as nlohmann's own parser. For base/json.cc; pure.
#pragma once

#include <optional>

#include "base/json.h"

namespace signalbox {

// Nothing when it cannot or will not say: the text is no JSON, goes beyond the limits, holds numbers that
// need more than 64 bits. Who asks then reads it the slow way, which knows the place and the reason.
std::optional<Json> parseJsonFast(std::string_view text, const JsonLimits& limits);

}  // namespace signalbox

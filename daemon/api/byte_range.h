// One byte range of a content (RFC 9110, 14). Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace signalbox::api {

struct ByteRange {
    std::uint64_t offset = 0, length = 0;
};

struct RangeAnswer {
    bool is_partial = false, is_unsatisfiable = false;
    ByteRange range;
};

// `header` may be empty. Several ranges, other units and what cannot be read give the whole, as the RFC
// allows.
RangeAnswer rangeOf(std::string_view header, std::uint64_t size);

}  // namespace signalbox::api

// multipart/form-data (RFC 7578) over bytes that are all there: the parts point into them. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace signalbox::api {

struct Part {
    std::string name;       // of the form's field
    std::string file_name;  // empty: a field, no file
    std::string_view content;
};

inline constexpr std::size_t kMaxParts = 64, kMaxPartHead = 16 * 1024;

// Invalid: no boundary, no end, more parts or longer part heads than allowed, a part without a name.
Result<std::vector<Part>> readMultipart(std::string_view content_type, std::string_view body);

}  // namespace signalbox::api

// Pictures without what their cameras say about time and place. Pure; bytes that are no such picture, or are
// damaged, come back as nothing.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace signalbox {

// JPEG, PNG and WebP without Exif, XMP, IPTC, comments and text chunks; a JPEG keeps its orientation.
// Nothing: another format, which the caller then must not give to those who may not know the place.
std::optional<std::string> withoutMetadata(std::string_view image);

struct ImageSize {
    std::uint32_t width = 0, height = 0;
};
// From the header alone, before anybody decodes it: PNG, JPEG, GIF, WebP (VP8X, VP8, VP8L).
std::optional<ImageSize> imageSizeOf(std::string_view image);

}  // namespace signalbox

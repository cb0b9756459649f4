#include "hub/files/image_metadata.h"

#include <cstdint>

namespace signalbox {
namespace {

std::uint32_t big(std::string_view b, std::size_t at, int bytes) {
    std::uint32_t out = 0;
    for (int i = 0; i < bytes; ++i)
        out = out << 8 | static_cast<unsigned char>(b[at + static_cast<std::size_t>(i)]);
    return out;
}

std::uint32_t little(std::string_view b, std::size_t at, int bytes) {
    std::uint32_t out = 0;
    for (int i = bytes - 1; i >= 0; --i)
        out = out << 8 | static_cast<unsigned char>(b[at + static_cast<std::size_t>(i)]);
    return out;
}

bool isJpeg(std::string_view b) {
    return b.size() > 4 && b.starts_with("\xff\xd8\xff");
}
bool isPng(std::string_view b) {
    return b.size() > 33 && b.starts_with("\x89PNG\r\n\x1a\n");
}
bool isWebp(std::string_view b) {
    return b.size() > 30 && b.starts_with("RIFF") && b.substr(8, 4) == "WEBP";
}

// Tag 0x0112 of an Exif segment's first directory; 0: there is none.
std::uint32_t orientationOf(std::string_view segment) {
    if (!segment.starts_with(std::string_view("Exif\0\0", 6)) || segment.size() < 16) return 0;
    const auto tiff = segment.substr(6);
    const bool is_little = tiff.starts_with("II");
    const auto number = [&](std::size_t at, int bytes) {
        return is_little ? little(tiff, at, bytes) : big(tiff, at, bytes);
    };
    const std::size_t directory = number(4, 4);
    if (directory + 2 > tiff.size()) return 0;
    const std::size_t entries = number(directory, 2);
    for (std::size_t i = 0; i < entries; ++i) {
        const std::size_t at = directory + 2 + 12 * i;
        if (at + 12 > tiff.size()) return 0;
        if (number(at, 2) == 0x0112) return number(at + 8, 2);
    }
    return 0;
}

std::string orientationSegment(std::uint32_t orientation) {
    std::string out(
        "\xff\xe1\x00\x22"
        "Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0",
        29);
    out += static_cast<char>(orientation);
    out.append(6, '\0');  // rest of the value, and no further directory
    return out;
}

std::optional<std::string> strippedJpeg(std::string_view b) {
    std::string out(b.substr(0, 2));
    for (std::size_t at = 2; at + 4 <= b.size();) {
        if (static_cast<unsigned char>(b[at]) != 0xFF) return std::nullopt;
        const auto marker = static_cast<unsigned char>(b[at + 1]);
        if (marker == 0xFF) {
            ++at;
            continue;
        }
        if (marker == 0xDA) return out.append(b.substr(at));  // the picture itself, to the end
        const std::size_t length = big(b, at + 2, 2);
        if (length < 2 || at + 2 + length > b.size()) return std::nullopt;
        const auto segment = b.substr(at + 4, length - 2);
        const bool tells =
            marker == 0xE1 || marker == 0xED || marker == 0xFE || (marker >= 0xE3 && marker <= 0xEC);
        if (!tells) out.append(b.substr(at, 2 + length));
        if (const auto orientation = marker == 0xE1 ? orientationOf(segment) : 0;
            orientation > 1 && orientation <= 8)
            out.append(orientationSegment(orientation));
        at += 2 + length;
    }
    return std::nullopt;
}

std::optional<std::string> strippedPng(std::string_view b) {
    std::string out(b.substr(0, 8));
    for (std::size_t at = 8; at + 12 <= b.size();) {
        const std::size_t length = big(b, at, 4);
        if (length > b.size() - at - 12) return std::nullopt;
        const auto type = b.substr(at + 4, 4);
        const bool tells =
            type == "eXIf" || type == "tEXt" || type == "zTXt" || type == "iTXt" || type == "tIME";
        if (!tells) out.append(b.substr(at, 12 + length));
        if (type == "IEND") return out;
        at += 12 + length;
    }
    return std::nullopt;
}

std::optional<std::string> strippedWebp(std::string_view b) {
    std::string out(b.substr(0, 12));
    for (std::size_t at = 12; at + 8 <= b.size();) {
        const std::size_t length = little(b, at + 4, 4), padded = length + (length & 1U);
        if (length > b.size() - at - 8) return std::nullopt;
        const auto type = b.substr(at, 4);
        if (type != "EXIF" && type != "XMP ") out.append(b.substr(at, 8 + padded));
        at += 8 + padded;
    }
    if (out.size() > 20 && out.substr(12, 4) == "VP8X") out[20] = static_cast<char>(out[20] & ~0x0C);
    const auto size = static_cast<std::uint32_t>(out.size() - 8);
    for (int i = 0; i < 4; ++i)
        out[4 + static_cast<std::size_t>(i)] = static_cast<char>(size >> (8 * i) & 0xFFU);
    return out;
}

std::optional<ImageSize> jpegSize(std::string_view b) {
    for (std::size_t at = 2; at + 9 <= b.size();) {
        if (static_cast<unsigned char>(b[at]) != 0xFF) return std::nullopt;
        const auto marker = static_cast<unsigned char>(b[at + 1]);
        const bool is_frame =
            marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
        if (is_frame) return ImageSize{big(b, at + 7, 2), big(b, at + 5, 2)};
        if (marker == 0xDA) return std::nullopt;
        at += marker == 0xFF ? 1 : 2 + big(b, at + 2, 2);
    }
    return std::nullopt;
}

std::optional<ImageSize> webpSize(std::string_view b) {
    const auto type = b.substr(12, 4);
    if (type == "VP8X") return ImageSize{little(b, 24, 3) + 1, little(b, 27, 3) + 1};
    if (type == "VP8 ") return ImageSize{little(b, 26, 2) & 0x3FFFU, little(b, 28, 2) & 0x3FFFU};
    if (type != "VP8L") return std::nullopt;
    const std::uint32_t bits = little(b, 21, 4);
    return ImageSize{(bits & 0x3FFFU) + 1, (bits >> 14 & 0x3FFFU) + 1};
}

}  // namespace

std::optional<std::string> withoutMetadata(std::string_view image) {
    if (isJpeg(image)) return strippedJpeg(image);
    if (isPng(image)) return strippedPng(image);
    if (isWebp(image)) return strippedWebp(image);
    return std::nullopt;
}

std::optional<ImageSize> imageSizeOf(std::string_view image) {
    if (isPng(image)) return ImageSize{big(image, 16, 4), big(image, 20, 4)};
    if (isJpeg(image)) return jpegSize(image);
    if (isWebp(image)) return webpSize(image);
    if (image.size() > 10 && image.starts_with("GIF8"))
        return ImageSize{little(image, 6, 2), little(image, 8, 2)};
    return std::nullopt;
}

}  // namespace signalbox

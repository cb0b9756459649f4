#include "daemon/http/chunked_body.h"

#include <algorithm>

namespace signalbox::http {
namespace {

constexpr std::size_t kMaxSizeDigits = 15;
constexpr std::size_t kMaxExtension = 256;
constexpr std::size_t kMaxTrailers = 64;
constexpr std::size_t kMaxTrailerLine = 8 * 1024;
constexpr std::size_t kFreeOverhead = 16 * 1024;
constexpr std::size_t kOverheadPerByte = 8;  // chunks of a single byte cost five

constexpr Refusal kTooLarge{413, "body_too_large", "the request body is too large"};

Refusal bad(const char* detail) {
    return {400, "malformed_request", detail};
}

int hexValue(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    c = static_cast<char>(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

}  // namespace

ChunkedBody::Progress ChunkedBody::take(std::string_view& bytes, std::string& body) {
    while (expecting_ != Expecting::Nothing) {
        const auto left = bytes.size();
        const auto before = expecting_;
        if (step(bytes, body) == Progress::Refused) return Progress::Refused;
        if (bytes.size() == left && expecting_ == before) return Progress::NeedsMore;
    }
    return Progress::Complete;
}

ChunkedBody::Progress ChunkedBody::step(std::string_view& bytes, std::string& body) {
    if (expecting_ == Expecting::Data) return takeData(bytes, body);
    const auto max_line = expecting_ == Expecting::Size      ? kMaxSizeDigits + kMaxExtension
                          : expecting_ == Expecting::DataEnd ? 0
                                                             : kMaxTrailerLine;
    const auto line = takeLine(bytes, max_line);
    if (refusal_) return Progress::Refused;
    if (!line) return Progress::NeedsMore;
    if (expecting_ == Expecting::Size) return size(*line, received_);
    if (expecting_ == Expecting::Trailer) return trailer(*line);
    expecting_ = Expecting::Size;
    return Progress::NeedsMore;
}

ChunkedBody::Progress ChunkedBody::takeData(std::string_view& bytes, std::string& body) {
    const auto n = std::min(chunk_left_, bytes.size());
    body.append(bytes.substr(0, n));
    bytes.remove_prefix(n);
    chunk_left_ -= n;
    received_ += n;
    if (chunk_left_ == 0) expecting_ = Expecting::DataEnd;
    return Progress::NeedsMore;
}

ChunkedBody::Progress ChunkedBody::size(std::string_view line, std::size_t received) {
    std::size_t value = 0, digits = 0;
    while (digits < line.size() && hexValue(line[digits]) >= 0) {
        if (digits == kMaxSizeDigits) return refuse(bad("a chunk size is too long"));
        value = value << 4 | static_cast<std::size_t>(hexValue(line[digits++]));
    }
    const auto extension = line.substr(digits);
    const bool is_clean = digits > 0 && (extension.empty() || extension.front() == ';') &&
                          extension.size() <= kMaxExtension && isFieldValue(extension);
    if (!is_clean) return refuse(bad("a chunk size is not a hexadecimal number"));
    if (value > max_body_bytes_ - received) return refuse(kTooLarge);
    if (overhead_ > kFreeOverhead + kOverheadPerByte * received)
        return refuse(bad("the chunks hold next to no data"));
    chunk_left_ = value;
    expecting_ = value == 0 ? Expecting::Trailer : Expecting::Data;
    return Progress::NeedsMore;
}

ChunkedBody::Progress ChunkedBody::trailer(std::string_view line) {
    if (line.empty()) {
        expecting_ = Expecting::Nothing;
        return Progress::Complete;
    }
    const auto colon = line.find(':');
    if (++trailers_ > kMaxTrailers || colon == std::string_view::npos || !isToken(line.substr(0, colon)) ||
        !isFieldValue(line.substr(colon + 1)))
        return refuse(bad("the trailer is not a list of header fields"));
    return Progress::NeedsMore;
}

ChunkedBody::Progress ChunkedBody::refuse(Refusal refusal) {
    refusal_ = refusal;
    return Progress::Refused;
}

std::optional<std::string_view> ChunkedBody::takeLine(std::string_view& bytes, std::size_t max_bytes) {
    const auto newline = bytes.substr(0, max_bytes + 2).find('\n');
    if (newline == std::string_view::npos) {
        if (bytes.size() >= max_bytes + 2) refuse(bad("a line between the chunks is too long"));
        return std::nullopt;
    }
    if (newline == 0 || bytes[newline - 1] != '\r') {
        refuse(bad("a line ends without a carriage return"));
        return std::nullopt;
    }
    const auto line = bytes.substr(0, newline - 1);
    bytes.remove_prefix(newline + 1);
    overhead_ += newline + 1;
    return line;
}

}  // namespace signalbox::http

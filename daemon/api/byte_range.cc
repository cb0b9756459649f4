#include "daemon/api/byte_range.h"

#include <algorithm>
#include <charconv>

namespace signalbox::api {
namespace {

std::optional<std::uint64_t> number(std::string_view text) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

}  // namespace

RangeAnswer rangeOf(std::string_view header, std::uint64_t size) {
    const RangeAnswer whole{false, false, {0, size}};
    constexpr std::string_view kUnit = "bytes=";
    if (!header.starts_with(kUnit)) return whole;
    header.remove_prefix(kUnit.size());
    const auto dash = header.find('-');
    if (dash == std::string_view::npos || header.find(',') != std::string_view::npos) return whole;
    const auto first = number(header.substr(0, dash)), last = number(header.substr(dash + 1));
    if (dash == 0) {
        if (!last) return whole;
        if (*last == 0 || size == 0) return {false, true, {}};
        const auto length = std::min(*last, size);
        return {true, false, {size - length, length}};
    }
    if (!first || (!last && dash + 1 != header.size()) || (last && *last < *first)) return whole;
    if (*first >= size) return {false, true, {}};
    const auto end = last ? std::min(*last, size - 1) : size - 1;
    return {true, false, {*first, end - *first + 1}};
}

}  // namespace signalbox::api

#include "base/json_text.h"

#include <array>
#include <charconv>

#include "base/utf8.h"

namespace signalbox {
namespace {

// Bytes that stand in a string as they are, without a further look.
constexpr std::array<bool, 256> plainBytes() {
    std::array<bool, 256> plain{};
    for (std::size_t c = 0x20; c < 0x80; ++c) plain[c] = c != '"' && c != '\\';
    return plain;
}
constexpr auto kIsPlain = plainBytes();

void appendEscaped(std::string& out, char c) {
    constexpr std::string_view kNamed = "\"\\\b\f\n\r\t", kNames = "\"\\bfnrt";
    constexpr std::string_view kHex = "0123456789abcdef";
    out += '\\';
    if (const auto at = kNamed.find(c); at != std::string_view::npos) {
        out += kNames[at];
        return;
    }
    out.append("u00");
    out += kHex[static_cast<unsigned char>(c) >> 4];
    out += kHex[static_cast<unsigned char>(c) & 15];
}

template <class Number>
void appendNumber(std::string& out, Number number) {
    std::array<char, 24> digits;
    out.append(digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr);
}

}  // namespace

void appendJsonString(std::string& out, std::string_view text) {
    out += '"';
    while (!text.empty()) {
        std::size_t length = 0;
        while (length < text.size() && kIsPlain[static_cast<unsigned char>(text[length])]) ++length;
        out.append(text.substr(0, length));
        text.remove_prefix(length);
        if (text.empty()) break;
        length = utf8SequenceLength(text);
        if (length == 1) {
            appendEscaped(out, text[0]);
        } else {
            out.append(length == 0 ? kUtf8Replacement : text.substr(0, length));
        }
        text.remove_prefix(length == 0 ? 1 : length);
    }
    out += '"';
}

void appendJson(std::string& out, const Json& value) {
    switch (value.type()) {
        case Json::value_t::object: {
            char before = '{';
            for (const auto& [name, member] : value.get_ref<const Json::object_t&>()) {
                out += std::exchange(before, ',');
                appendJsonString(out, name);
                out += ':';
                appendJson(out, member);
            }
            out.append(before == '{' ? "{}" : "}");
            return;
        }
        case Json::value_t::array: {
            char before = '[';
            for (const Json& element : value.get_ref<const Json::array_t&>()) {
                out += std::exchange(before, ',');
                appendJson(out, element);
            }
            out.append(before == '[' ? "[]" : "]");
            return;
        }
        case Json::value_t::string:
            return appendJsonString(out, value.get_ref<const std::string&>());
        case Json::value_t::number_integer:
            return appendNumber(out, value.get_ref<const Json::number_integer_t&>());
        case Json::value_t::number_unsigned:
            return appendNumber(out, value.get_ref<const Json::number_unsigned_t&>());
        case Json::value_t::boolean:
            out.append(value.get_ref<const bool&>() ? "true" : "false");
            return;
        default:  // null; fractions, whose shortest form nlohmann finds
            out.append(value.dump());
    }
}

void JsonMembers::begin(std::string_view name) {
    if (!out_.empty()) out_ += ',';
    appendJsonString(out_, name);
    out_ += ':';
}

void JsonMembers::put(std::string_view name, std::string_view text) {
    begin(name);
    appendJsonString(out_, text);
}

void JsonMembers::putIfAny(std::string_view name, std::string_view text) {
    if (!text.empty()) put(name, text);
}

void JsonMembers::putJson(std::string_view name, const Json& value) {
    begin(name);
    appendJson(out_, value);
}

void JsonMembers::putText(std::string_view name, std::string_view json) {
    begin(name);
    out_.append(json);
}

}  // namespace signalbox

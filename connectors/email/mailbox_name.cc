#include "connectors/email/mailbox_name.h"

#include <cstdint>
#include <optional>

namespace signalbox::email {
namespace {

constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,";

bool isPlain(char c) {
    return c >= 0x20 && c <= 0x7E;
}

// The next character, `at` behind it; nothing: this is not UTF-8.
std::optional<char32_t> nextCharacter(std::string_view text, std::size_t& at) {
    const auto lead = static_cast<unsigned char>(text[at++]);
    if (lead < 0x80) return lead;
    const int more = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : 1;
    if (lead < 0xC2 || lead > 0xF4) return std::nullopt;
    char32_t value = lead & (0x3F >> more);
    for (int i = 0; i < more; ++i, ++at) {
        if (at >= text.size() || (static_cast<unsigned char>(text[at]) & 0xC0) != 0x80) return std::nullopt;
        value = value << 6 | (static_cast<unsigned char>(text[at]) & 0x3F);
    }
    const bool is_too_long = value < (more == 3 ? 0x10000U : more == 2 ? 0x800U : 0x80U);
    if (is_too_long || value > 0x10FFFF || (value >= 0xD800 && value < 0xE000)) return std::nullopt;
    return value;
}

void appendUtf8(std::string& out, char32_t c) {
    const auto tail = [&](int shift) { out += static_cast<char>(0x80 | (c >> shift & 0x3F)); };
    if (c < 0x80) {
        out += static_cast<char>(c);
    } else if (c < 0x800) {
        out += static_cast<char>(0xC0 | c >> 6);
        tail(0);
    } else if (c < 0x10000) {
        out += static_cast<char>(0xE0 | c >> 12);
        tail(6);
        tail(0);
    } else {
        out += static_cast<char>(0xF0 | c >> 18);
        tail(12);
        tail(6);
        tail(0);
    }
}

std::string encodeRun(const std::u16string& units) {
    std::string out = "&";
    std::uint32_t bits = 0;
    int count = 0;
    for (const char16_t unit : units) {
        bits = bits << 16 | unit;
        for (count += 16; count >= 6; count -= 6) out += kDigits[bits >> (count - 6) & 0x3F];
    }
    if (count > 0) out += kDigits[bits << (6 - count) & 0x3F];
    return out + '-';
}

// What stands between «&» and «-»; nothing: it is no such run.
std::optional<std::u16string> decodeRun(std::string_view digits) {
    std::u16string units;
    std::uint32_t bits = 0;
    int count = 0;
    for (const char digit : digits) {
        const auto value = kDigits.find(digit);
        if (value == std::string_view::npos) return std::nullopt;
        bits = bits << 6 | static_cast<std::uint32_t>(value);
        count += 6;
        if (count < 16) continue;
        count -= 16;
        units += static_cast<char16_t>(bits >> count & 0xFFFF);
    }
    const bool is_rest_empty = count < 6 && (bits & ((1U << count) - 1)) == 0;
    if (units.empty() || !is_rest_empty) return std::nullopt;
    return units;
}

bool appendUnits(std::string& out, const std::u16string& units) {
    for (std::size_t i = 0; i < units.size(); ++i) {
        char32_t c = units[i];
        const bool is_pair = c >= 0xD800 && c < 0xDC00 && i + 1 < units.size() && units[i + 1] >= 0xDC00 &&
                             units[i + 1] < 0xE000;
        if (is_pair) c = 0x10000 + ((c - 0xD800) << 10) + (units[++i] - 0xDC00);
        if (c >= 0xD800 && c < 0xE000) return false;
        appendUtf8(out, c);
    }
    return true;
}

// Nothing: it is not spelled in modified UTF-7.
std::optional<std::string> decode(std::string_view name) {
    std::string out;
    for (std::size_t at = 0; at < name.size(); ++at) {
        if (!isPlain(name[at])) return std::nullopt;
        if (name[at] != '&') {
            out += name[at];
            continue;
        }
        const auto end = name.find('-', at);
        if (end == std::string_view::npos) return std::nullopt;
        if (end == at + 1) {
            out += '&';
        } else {
            const auto units = decodeRun(name.substr(at + 1, end - at - 1));
            if (!units || !appendUnits(out, *units)) return std::nullopt;
        }
        at = end;
    }
    return out;
}

}  // namespace

std::string toMailboxName(const std::string& utf8) {
    if (decode(utf8)) return utf8;
    std::string out;
    std::u16string run;
    for (std::size_t at = 0; at < utf8.size();) {
        const auto c = nextCharacter(utf8, at);
        if (!c) return utf8;
        if (*c < 0x80 && isPlain(static_cast<char>(*c))) {
            if (!run.empty()) out += encodeRun(run);
            run.clear();
            out += static_cast<char>(*c);
            if (*c == '&') out += '-';
        } else if (*c < 0x10000) {
            run += static_cast<char16_t>(*c);
        } else {
            run += static_cast<char16_t>(0xD800 + ((*c - 0x10000) >> 10));
            run += static_cast<char16_t>(0xDC00 + ((*c - 0x10000) & 0x3FF));
        }
    }
    if (!run.empty()) out += encodeRun(run);
    return out;
}

std::string fromMailboxName(const std::string& name) {
    return decode(name).value_or(name);
}

}  // namespace signalbox::email

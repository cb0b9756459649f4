#include "connectors/email/mime/charset.h"

#include <iconv.h>
#include <unicode/ucnv.h>
#include <unicode/ucsdet.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <map>
#include <memory>

#include "connectors/email/mime/ascii.h"

namespace signalbox::mime {
namespace {

constexpr std::size_t kDetectBytes = 16 * 1024;
constexpr int kMinConfidence = 30;
constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

// What mails call them → what ICU calls what is meant. A name on the left that declares less than what is
// sent in its name (gb2312, iso-8859-1) becomes the wider one.
const std::map<std::string, std::string, std::less<>>& aliases() {
    static const std::map<std::string, std::string, std::less<>> names = {
        {"utf8", "utf-8"},
        {"utf-8-mac", "utf-8"},
        {"unicode-1-1-utf-8", "utf-8"},
        {"utf-8n", "utf-8"},
        {"x-utf-8", "utf-8"},
        {"cp65001", "utf-8"},
        {"65001", "utf-8"},
        {"us-ascii", ""},
        {"ascii", ""},
        {"ansi_x3.4-1968", ""},
        {"unknown-8bit", ""},
        {"x-unknown", ""},
        {"unknown", ""},
        {"default", ""},
        {"default_charset", ""},
        {"x-user-defined", ""},
        {"8bit", ""},
        {"binary", ""},
        {"7bit", ""},
        {"none", ""},
        {"iso-8859-1", "windows-1252"},
        {"iso8859-1", "windows-1252"},
        {"iso_8859-1", "windows-1252"},
        {"8859-1", "windows-1252"},
        {"latin1", "windows-1252"},
        {"latin-1", "windows-1252"},
        {"iso-8859-1-windows-3.1-latin-1", "windows-1252"},
        {"cp1252", "windows-1252"},
        {"cp-1252", "windows-1252"},
        {"ansi", "windows-1252"},
        {"windows-1252http-equivcontent-type", "windows-1252"},
        {"iso-8859-9", "windows-1254"},
        {"iso-8859-11", "windows-874"},
        {"tis-620", "windows-874"},
        {"tis620", "windows-874"},
        {"iso-8859-8-i", "iso-8859-8"},
        {"iso-8859-8-e", "iso-8859-8"},
        {"iso-8859-6-i", "iso-8859-6"},
        {"iso-8859-16", "iso-8859-16"},
        {"gb2312", "gb18030"},
        {"gb_2312-80", "gb18030"},
        {"x-gbk", "gb18030"},
        {"gbk", "gb18030"},
        {"cp936", "gb18030"},
        {"euc-cn", "gb18030"},
        {"gb-2312", "gb18030"},
        {"chinesebig5", "big5-hkscs"},
        {"big5", "big5-hkscs"},
        {"big-5", "big5-hkscs"},
        {"cp950", "windows-950"},
        {"x-big5", "big5-hkscs"},
        {"big5hkscs", "big5-hkscs"},
        {"ks_c_5601-1987", "windows-949"},
        {"ks_c_5601-1989", "windows-949"},
        {"ksc5601", "windows-949"},
        {"ksc_5601", "windows-949"},
        {"ks_c_5601", "windows-949"},
        {"cp949", "windows-949"},
        {"euc-kr", "windows-949"},
        {"euckr", "windows-949"},
        {"5601", "windows-949"},
        {"shift_jis", "windows-31j"},
        {"shift-jis", "windows-31j"},
        {"sjis", "windows-31j"},
        {"x-sjis", "windows-31j"},
        {"cp932", "windows-31j"},
        {"ms_kanji", "windows-31j"},
        {"windows-932", "windows-31j"},
        {"eucjp", "euc-jp"},
        {"x-euc-jp", "euc-jp"},
        {"ujis", "euc-jp"},
        {"iso-2022-jp-ms", "iso-2022-jp"},
        {"cp50220", "iso-2022-jp"},
        {"cp50221", "iso-2022-jp"},
        {"jis", "iso-2022-jp"},
        {"csiso2022jp", "iso-2022-jp"},
        {"cp-850", "ibm-850"},
        {"cp850", "ibm-850"},
        {"cp437", "ibm-437"},
        {"koi8r", "koi8-r"},
        {"koi8u", "koi8-u"},
        {"koi8", "koi8-r"},
        {"koi-8-r", "koi8-r"},
        {"dos-866", "ibm-866"},
        {"cp1251", "windows-1251"},
        {"win-1251", "windows-1251"},
        {"win1251", "windows-1251"},
        {"cp1250", "windows-1250"},
        {"win-1250", "windows-1250"},
        {"macintosh", "macintosh"},
        {"x-mac-roman", "macintosh"},
        {"mac", "macintosh"},
        {"unicode", "utf-16"},
        {"ucs-2", "utf-16"},
        {"ucs2", "utf-16"},
        // UTF-7 hides markup from filters; nobody sends it but them.
        {"utf-7", ""},
        {"unicode-1-1-utf-7", ""},
        {"x-unicode-2-0-utf-7", ""},
        {"utf7", ""},
        {"unicode-2-0-utf-7", ""},
        {"utf-7-imap", ""},
        {"imap-mailbox-name", ""},
    };
    return names;
}

// The name of a converter, "" for «not declared».
std::string converterName(std::string_view declared) {
    std::string name;
    for (const char c : trimmed(declared)) {
        if (c == '"' || c == '\'' || isSpace(c)) continue;
        name.push_back(lowerChar(c));
    }
    if (name.size() > 60) return "";
    name = name.substr(0, name.find('*'));
    while (!name.empty() && (name.back() == ';' || name.back() == ',' || name.back() == '.')) name.pop_back();
    if (name.starts_with("charset=")) name.erase(0, 8);
    if (const auto it = aliases().find(name); it != aliases().end()) return it->second;
    // windows1252, windows_1252, cp-1251, iso8859-2, iso_8859_2 …
    std::string digits;
    for (const char c : name) {
        if (isDigit(c)) digits.push_back(c);
    }
    if ((name.starts_with("windows") || name.starts_with("cp")) && digits.starts_with("125") &&
        digits.size() == 4)
        return "windows-" + digits;
    if (name.starts_with("iso") && digits.starts_with("8859") && digits.size() > 4) {
        const std::string canonical = "iso-8859-" + digits.substr(4);
        const auto it = aliases().find(canonical);
        return it == aliases().end() ? canonical : it->second;
    }
    return name;
}

struct Close {
    void operator()(UConverter* converter) const { ucnv_close(converter); }
};
using Converter = std::unique_ptr<UConverter, Close>;

Converter open(const std::string& name) {
    UErrorCode error = U_ZERO_ERROR;
    Converter converter(ucnv_open(name.c_str(), &error));
    return U_SUCCESS(error) ? std::move(converter) : nullptr;
}

// Opening one costs more than a short mail, so each thread keeps those it used.
UConverter* converterFor(const std::string& name) {
    static thread_local std::map<std::string, Converter> kept;
    const auto it = kept.find(name);
    if (it != kept.end()) {
        if (it->second) ucnv_reset(it->second.get());
        return it->second.get();
    }
    if (kept.size() > 64) kept.clear();
    return (kept[name] = open(name)).get();
}

bool isStateful(const std::string& name) {
    return name.starts_with("iso-2022") || name.starts_with("hz") || name.starts_with("utf-16") ||
           name.starts_with("utf-32") || name.starts_with("ucs");
}

std::string convert(UConverter* from, std::string_view bytes) {
    UConverter* to = converterFor("UTF-8");
    if (to == nullptr) return validUtf8(bytes);
    std::string out;
    out.reserve(bytes.size() + bytes.size() / 2);
    std::array<char, 8192> buffer;
    std::array<UChar, 4096> pivot;
    UChar *pivot_source = pivot.data(), *pivot_target = pivot.data();
    const char* source = bytes.data();
    const char* const end = source + bytes.size();
    UErrorCode error = U_ZERO_ERROR;
    bool is_first = true;
    do {
        error = U_ZERO_ERROR;
        char* target = buffer.data();
        ucnv_convertEx(to, from, &target, buffer.data() + buffer.size(), &source, end, pivot.data(),
                       &pivot_source, &pivot_target, pivot.data() + pivot.size(), is_first, true, &error);
        is_first = false;
        out.append(buffer.data(), target);
    } while (error == U_BUFFER_OVERFLOW_ERROR);
    return out;
}

// Charsets that ICU does not have. Only tables of single bytes and pairs: some of glibc's stateful converters
// had holes.
std::string convertByIconv(std::string_view name, std::string_view bytes) {
    if (name != "iso-8859-14" && name != "iso-8859-16" && name != "johab" && name != "koi8-t") return "";
    const iconv_t opened = iconv_open("UTF-8", std::string(name).c_str());
    if (opened == reinterpret_cast<iconv_t>(-1)) return "";
    const std::unique_ptr<void, int (*)(iconv_t)> converter(opened, iconv_close);
    std::string out(bytes.size() * 3 + 16, '\0');
    std::string in(bytes);
    char *source = in.data(), *target = out.data();
    std::size_t left = in.size(), room = out.size();
    while (left > 0 &&
           iconv(converter.get(), &source, &left, &target, &room) == static_cast<std::size_t>(-1)) {
        if (left == 0 || room < kReplacement.size()) break;
        // What the charset does not have.
        target = std::copy(kReplacement.begin(), kReplacement.end(), target);
        room -= kReplacement.size();
        ++source, --left;
    }
    out.resize(out.size() - room);
    return out;
}

// «ESC ( B» with «ESC $ B» right behind it is where two encoded words met; ICU takes it for an attack and
// puts U+FFFD there.
std::string withoutEmptySegments(std::string_view bytes) {
    constexpr char kEscape = '\x1B';
    std::string out;
    out.reserve(bytes.size());
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        if (bytes[i] == kEscape && i + 3 < bytes.size() && bytes[i + 1] == '(' && bytes[i + 3] == kEscape) {
            i += 2;
            continue;
        }
        out.push_back(bytes[i]);
    }
    return out;
}

// Words of Cyrillic letters that begin with a capital, as only KOI8-R has them: capitals are above the small
// ones there. ICU's detector wants more text than a header has.
bool isKoi8(std::string_view bytes) {
    std::size_t words = 0, high = 0, small = 0;
    for (std::size_t i = 0; i < bytes.size() && i < kDetectBytes;) {
        const std::size_t begin = i;
        std::size_t small_here = 0;
        for (; i < bytes.size() && (bytes[i] & 0x80) != 0; ++i) {
            const auto byte = static_cast<unsigned char>(bytes[i]);
            if ((byte >= 0xC0 && byte <= 0xDF) || byte == 0xA3) ++small_here;
        }
        const std::size_t length = i - begin;
        if (length == 0) ++i;
        high += length;
        small += small_here;
        const bool is_capital = length > 2 && static_cast<unsigned char>(bytes[begin]) >= 0xE0;
        if (is_capital && small_here + 1 == length) ++words;
    }
    return words >= 2 && small * 4 > high * 3;
}

std::string detect(std::string_view bytes) {
    if (isKoi8(bytes)) return "koi8-r";
    UErrorCode error = U_ZERO_ERROR;
    const std::unique_ptr<UCharsetDetector, void (*)(UCharsetDetector*)> detector(ucsdet_open(&error),
                                                                                  ucsdet_close);
    if (U_FAILURE(error)) return "";
    ucsdet_setText(detector.get(), bytes.data(), static_cast<int32_t>(std::min(bytes.size(), kDetectBytes)),
                   &error);
    const UCharsetMatch* match = ucsdet_detect(detector.get(), &error);
    if (U_FAILURE(error) || match == nullptr || ucsdet_getConfidence(match, &error) < kMinConfidence)
        return "";
    const char* name = ucsdet_getName(match, &error);
    return U_FAILURE(error) || name == nullptr ? "" : converterName(name);
}

std::string guess(std::string_view bytes) {
    if (contains(bytes, "\x1B$") || contains(bytes, "\x1B(J")) {
        if (UConverter* japanese = converterFor("iso-2022-jp"))
            return convert(japanese, withoutEmptySegments(bytes));
    }
    if (isUtf8(bytes)) return validUtf8(bytes);
    std::string name = detect(bytes);
    // A few accented letters look like anything to a detector; short texts are Western unless proven.
    if (name.empty() || name == "utf-8" || bytes.size() < 16) name = "windows-1252";
    UConverter* converter = converterFor(name);
    if (converter == nullptr) converter = converterFor("windows-1252");
    return converter == nullptr ? validUtf8(bytes) : validUtf8(convert(converter, bytes));
}

// How many bytes of the sequence at the front are good; 0: none, `broken` bytes are to be skipped.
std::size_t sequenceLength(std::string_view text, std::size_t& broken) {
    const auto at = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    broken = 1;
    const unsigned char first = at(0);
    if (first < 0x80) return 1;
    const std::size_t need = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    if (first < 0xC2 || first > 0xF4) return 0;
    for (std::size_t i = 1; i < need; ++i) {
        if (i >= text.size() || (at(i) & 0xC0) != 0x80) return 0;
        const bool is_bad = i == 1 && ((first == 0xE0 && at(1) < 0xA0) || (first == 0xED && at(1) > 0x9F) ||
                                       (first == 0xF0 && at(1) < 0x90) || (first == 0xF4 && at(1) > 0x8F));
        if (is_bad) return 0;
        broken = i + 1;
    }
    return need;
}

}  // namespace

bool isAscii(std::string_view bytes) {
    // Eight at a time: most of a mail is ASCII.
    std::uint64_t any = 0;
    std::size_t i = 0;
    for (; i + sizeof(any) <= bytes.size(); i += sizeof(any)) {
        std::uint64_t word = 0;
        std::memcpy(&word, bytes.data() + i, sizeof(word));
        any |= word;
    }
    for (; i < bytes.size(); ++i) any |= static_cast<unsigned char>(bytes[i]);
    return (any & 0x8080808080808080U) == 0;
}

bool isUtf8(std::string_view bytes) {
    if (isAscii(bytes)) return true;
    std::size_t broken = 0;
    while (!bytes.empty()) {
        const auto length = sequenceLength(bytes, broken);
        if (length == 0) return false;
        bytes.remove_prefix(length);
    }
    return true;
}

std::string validUtf8(std::string_view text) {
    if (isAscii(text) && !contains(text, std::string_view("\0", 1))) return std::string(text);
    std::string out;
    out.reserve(text.size());
    std::size_t broken = 0;
    while (!text.empty()) {
        const auto length = sequenceLength(text, broken);
        if (length == 0 || text[0] == '\0') {
            out += kReplacement;
            text.remove_prefix(std::max<std::size_t>(length, broken));
            continue;
        }
        out.append(text.substr(0, length));
        text.remove_prefix(length);
    }
    return out;
}

void appendUtf8(std::string& out, char32_t c) {
    if (c == 0 || c > 0x10FFFF || (c >= 0xD800 && c < 0xE000)) c = 0xFFFD;
    if (c < 0x80) {
        out.push_back(static_cast<char>(c));
    } else if (c < 0x800) {
        out.push_back(static_cast<char>(0xC0 | (c >> 6)));
        out.push_back(static_cast<char>(0x80 | (c & 0x3F)));
    } else if (c < 0x10000) {
        out.push_back(static_cast<char>(0xE0 | (c >> 12)));
        out.push_back(static_cast<char>(0x80 | ((c >> 6) & 0x3F)));
        out.push_back(static_cast<char>(0x80 | (c & 0x3F)));
    } else {
        out.push_back(static_cast<char>(0xF0 | (c >> 18)));
        out.push_back(static_cast<char>(0x80 | ((c >> 12) & 0x3F)));
        out.push_back(static_cast<char>(0x80 | ((c >> 6) & 0x3F)));
        out.push_back(static_cast<char>(0x80 | (c & 0x3F)));
    }
}

std::string detectedCharset(std::string_view bytes) {
    return isUtf8(bytes) ? "" : detect(bytes);
}

bool isKnownCharset(std::string_view declared) {
    const std::string name = converterName(declared);
    return name.empty() || converterFor(name) != nullptr;
}

std::string toUtf8(std::string_view bytes, std::string_view declared) {
    if (bytes.starts_with("\xEF\xBB\xBF")) return validUtf8(bytes.substr(3));
    using namespace std::string_view_literals;
    const bool is_wide = bytes.starts_with("\xFF\xFE\0\0"sv) || bytes.starts_with("\0\0\xFE\xFF"sv);
    if (is_wide)
        declared = "utf-32";
    else if (bytes.starts_with("\xFF\xFE") || bytes.starts_with("\xFE\xFF"))
        declared = "utf-16";
    const std::string name = converterName(declared);
    if (!isStateful(name) && isAscii(bytes)) {
        if (!contains(bytes, "\x1B$")) return validUtf8(bytes);
        return guess(bytes);
    }
    if (name.empty()) return guess(bytes);
    if (name == "utf-8") {
        if (isUtf8(bytes)) return validUtf8(bytes);
        // A broken character or two in a long text: a gateway cut it. Mostly broken: it is something else.
        const std::string repaired = validUtf8(bytes);
        std::size_t marks = 0, high = 0;
        for (std::size_t at = repaired.find(kReplacement); at != std::string::npos;
             at = repaired.find(kReplacement, at + 3))
            ++marks;
        high = static_cast<std::size_t>(
            std::count_if(bytes.begin(), bytes.end(), [](char c) { return (c & 0x80) != 0; }));
        return marks * 3 > high ? guess(bytes) : repaired;
    }
    UConverter* converter = converterFor(name);
    if (converter == nullptr) {
        const std::string text = convertByIconv(name, bytes);
        return text.empty() ? guess(bytes) : validUtf8(text);
    }
    // Many programs write UTF-8 and say the default of their maker.
    if ((name == "windows-1252" || name == "windows-1254") && isUtf8(bytes)) return validUtf8(bytes);
    if (name.starts_with("iso-2022-jp") && !contains(bytes, "\x1B")) return guess(bytes);
    if (name.starts_with("iso-2022-jp")) return validUtf8(convert(converter, withoutEmptySegments(bytes)));
    return validUtf8(convert(converter, bytes));
}

}  // namespace signalbox::mime

#include "connectors/email/mime/html_tokens.h"

#include <algorithm>
#include <array>

#include "connectors/email/mime/ascii.h"
#include "connectors/email/mime/charset.h"

namespace signalbox::mime {
namespace {

constexpr std::size_t kMaxAttributes = 64;
constexpr auto kRawText =
    std::to_array<std::string_view>({"script", "style", "title", "textarea", "noframes"});

struct Entity {
    std::string_view name;
    char32_t code;
};

// HTML 4 and what mails use of HTML 5, sorted.
constexpr Entity kEntities[] = {
    {"AElig", 198},   {"AMP", 38},      {"Aacute", 193},  {"Acirc", 194},   {"Agrave", 192},
    {"Alpha", 913},   {"Aring", 197},   {"Atilde", 195},  {"Auml", 196},    {"Beta", 914},
    {"COPY", 169},    {"Ccedil", 199},  {"Chi", 935},     {"Dagger", 8225}, {"Delta", 916},
    {"ETH", 208},     {"Eacute", 201},  {"Ecirc", 202},   {"Egrave", 200},  {"Epsilon", 917},
    {"Eta", 919},     {"Euml", 203},    {"GT", 62},       {"Gamma", 915},   {"Iacute", 205},
    {"Icirc", 206},   {"Igrave", 204},  {"Iota", 921},    {"Iuml", 207},    {"Kappa", 922},
    {"LT", 60},       {"Lambda", 923},  {"Mu", 924},      {"Ntilde", 209},  {"Nu", 925},
    {"OElig", 338},   {"Oacute", 211},  {"Ocirc", 212},   {"Ograve", 210},  {"Omega", 937},
    {"Omicron", 927}, {"Oslash", 216},  {"Otilde", 213},  {"Ouml", 214},    {"Phi", 934},
    {"Pi", 928},      {"Prime", 8243},  {"Psi", 936},     {"QUOT", 34},     {"REG", 174},
    {"Rho", 929},     {"Scaron", 352},  {"Sigma", 931},   {"THORN", 222},   {"Tau", 932},
    {"Theta", 920},   {"Uacute", 218},  {"Ucirc", 219},   {"Ugrave", 217},  {"Upsilon", 933},
    {"Uuml", 220},    {"Xi", 926},      {"Yacute", 221},  {"Yuml", 376},    {"Zeta", 918},
    {"aacute", 225},  {"acirc", 226},   {"acute", 180},   {"aelig", 230},   {"agrave", 224},
    {"alpha", 945},   {"amp", 38},      {"apos", 39},     {"aring", 229},   {"atilde", 227},
    {"auml", 228},    {"bdquo", 8222},  {"beta", 946},    {"brvbar", 166},  {"bull", 8226},
    {"ccedil", 231},  {"cedil", 184},   {"cent", 162},    {"check", 10003}, {"chi", 967},
    {"circ", 710},    {"copy", 169},    {"curren", 164},  {"dagger", 8224}, {"darr", 8595},
    {"deg", 176},     {"delta", 948},   {"divide", 247},  {"eacute", 233},  {"ecirc", 234},
    {"egrave", 232},  {"emsp", 8195},   {"ensp", 8194},   {"epsilon", 949}, {"eta", 951},
    {"eth", 240},     {"euml", 235},    {"euro", 8364},   {"fnof", 402},    {"frac12", 189},
    {"frac14", 188},  {"frac34", 190},  {"frasl", 8260},  {"gamma", 947},   {"ge", 8805},
    {"gt", 62},       {"harr", 8596},   {"hearts", 9829}, {"hellip", 8230}, {"iacute", 237},
    {"icirc", 238},   {"iexcl", 161},   {"igrave", 236},  {"infin", 8734},  {"iota", 953},
    {"iquest", 191},  {"iuml", 239},    {"kappa", 954},   {"lambda", 955},  {"laquo", 171},
    {"larr", 8592},   {"ldquo", 8220},  {"le", 8804},     {"lrm", 8206},    {"lsaquo", 8249},
    {"lsquo", 8216},  {"lt", 60},       {"macr", 175},    {"mdash", 8212},  {"micro", 181},
    {"middot", 183},  {"minus", 8722},  {"mu", 956},      {"nbsp", 160},    {"ndash", 8211},
    {"ne", 8800},     {"not", 172},     {"ntilde", 241},  {"nu", 957},      {"oacute", 243},
    {"ocirc", 244},   {"oelig", 339},   {"ograve", 242},  {"oline", 8254},  {"omega", 969},
    {"omicron", 959}, {"ordf", 170},    {"ordm", 186},    {"oslash", 248},  {"otilde", 245},
    {"ouml", 246},    {"para", 182},    {"permil", 8240}, {"phi", 966},     {"pi", 960},
    {"plusmn", 177},  {"pound", 163},   {"prime", 8242},  {"psi", 968},     {"quot", 34},
    {"raquo", 187},   {"rarr", 8594},   {"rdquo", 8221},  {"reg", 174},     {"rho", 961},
    {"rlm", 8207},    {"rsaquo", 8250}, {"rsquo", 8217},  {"sbquo", 8218},  {"scaron", 353},
    {"sect", 167},    {"shy", 173},     {"sigma", 963},   {"sigmaf", 962},  {"sup1", 185},
    {"sup2", 178},    {"sup3", 179},    {"szlig", 223},   {"tau", 964},     {"theta", 952},
    {"thinsp", 8201}, {"thorn", 254},   {"tilde", 732},   {"times", 215},   {"trade", 8482},
    {"uacute", 250},  {"uarr", 8593},   {"ucirc", 251},   {"ugrave", 249},  {"uml", 168},
    {"upsilon", 965}, {"uuml", 252},    {"xi", 958},      {"yacute", 253},  {"yen", 165},
    {"yuml", 255},    {"zeta", 950},    {"zwj", 8205},    {"zwnj", 8204}};

char32_t namedEntity(std::string_view name) {
    const auto* const end = std::end(kEntities);
    const auto* const it = std::lower_bound(std::begin(kEntities), end, name,
                                            [](const Entity& a, std::string_view b) { return a.name < b; });
    return it != end && it->name == name ? it->code : 0;
}

// C1 numbers mean windows-1252 in every browser.
char32_t numericEntity(std::string_view digits, int base) {
    constexpr std::array<char16_t, 32> kWindows = {
        0x20AC, 0x81,   0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
        0x2039, 0x0152, 0x8D,   0x017D, 0x8F,   0x90,   0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
        0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D,   0x017E, 0x0178};
    char32_t code = 0;
    for (const char c : digits) {
        const char low = lowerChar(c);
        const int value = isDigit(c) ? c - '0' : low - 'a' + 10;
        code = code * static_cast<char32_t>(base) + static_cast<char32_t>(value);
        if (code > 0x10FFFF) return 0xFFFD;
    }
    return code >= 0x80 && code < 0xA0 ? kWindows[code - 0x80] : code;
}

// The entity behind «&» at the front of `text`: its length and its character; length 0: none.
std::size_t entityAt(std::string_view text, char32_t& code) {
    if (text.size() > 2 && text[1] == '#') {
        const bool is_hex = lowerChar(text[2]) == 'x';
        std::size_t i = is_hex ? 3 : 2;
        const std::size_t begin = i;
        while (i < text.size() && i < begin + 8 &&
               (isDigit(text[i]) || (is_hex && lowerChar(text[i]) >= 'a' && lowerChar(text[i]) <= 'f')))
            ++i;
        if (i == begin) return 0;
        code = numericEntity(text.substr(begin, i - begin), is_hex ? 16 : 10);
        return i < text.size() && text[i] == ';' ? i + 1 : i;
    }
    std::size_t i = 1;
    while (i < text.size() && i < 10 && (isLetter(text[i]) || isDigit(text[i]))) ++i;
    code = namedEntity(text.substr(1, i - 1));
    if (code == 0) return 0;
    if (i < text.size() && text[i] == ';') return i + 1;
    // Without the «;» only the old ones count, so that links with «&copy=1» survive.
    return code < 256 && (i >= text.size() || text[i] != '=') ? i : 0;
}

}  // namespace

std::string decodeEntities(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size();) {
        char32_t code = 0;
        const std::size_t length = text[i] == '&' ? entityAt(text.substr(i, 16), code) : 0;
        if (length == 0) {
            out.push_back(text[i++]);
            continue;
        }
        appendUtf8(out, code);
        i += length;
    }
    return out;
}

const std::string* HtmlToken::attribute(std::string_view wanted) const {
    for (const HtmlAttribute& attribute : attributes) {
        if (attribute.name == wanted) return &attribute.value;
    }
    return nullptr;
}

bool HtmlReader::next(HtmlToken& token) {
    token.text.clear();
    token.name.clear();
    token.attributes.clear();
    while (at_ < html_.size()) {
        token.begin = at_;
        if (html_[at_] == '<') {
            const char follower = at_ + 1 < html_.size() ? html_[at_ + 1] : ' ';
            if (follower == '!' || follower == '?') {
                skipMarkup();
                continue;
            }
            if (isLetter(follower) || follower == '/') {
                if (readTag(token)) return true;
                continue;
            }
        }
        const auto end = std::min(html_.find('<', at_ + 1), html_.size());
        token.kind = HtmlToken::Kind::Text;
        token.text = decodeEntities(html_.substr(at_, end - at_));
        token.end = at_ = end;
        return true;
    }
    return false;
}

void HtmlReader::skipMarkup() {
    const bool is_comment = html_.substr(at_).starts_with("<!--");
    if (is_comment && !has_no_comment_end_) {
        const auto end = html_.find("-->", at_ + 2);
        if (end != std::string_view::npos) {
            at_ = end + 3;
            return;
        }
        has_no_comment_end_ = true;
    }
    const auto end = html_.find('>', at_);
    at_ = end == std::string_view::npos ? html_.size() : end + 1;
}

bool HtmlReader::readTag(HtmlToken& token) {
    ++at_;
    token.kind = HtmlToken::Kind::Start;
    if (html_[at_] == '/') {
        token.kind = HtmlToken::Kind::End;
        ++at_;
    }
    while (at_ < html_.size() && !isSpace(html_[at_]) && html_[at_] != '>' && html_[at_] != '/')
        token.name.push_back(lowerChar(html_[at_++]));
    readAttributes(token);
    if (at_ < html_.size()) ++at_;  // «>»
    token.end = at_;
    if (token.name.empty()) return false;
    if (token.kind == HtmlToken::Kind::Start &&
        std::find(kRawText.begin(), kRawText.end(), token.name) != kRawText.end())
        skipRawText(token.name);
    return true;
}

void HtmlReader::readAttributes(HtmlToken& token) {
    while (at_ < html_.size() && html_[at_] != '>') {
        if (isSpace(html_[at_]) || html_[at_] == '/') {
            ++at_;
            continue;
        }
        HtmlAttribute attribute;
        while (at_ < html_.size() && !isSpace(html_[at_]) && html_[at_] != '=' && html_[at_] != '>')
            attribute.name.push_back(lowerChar(html_[at_++]));
        while (at_ < html_.size() && isSpace(html_[at_])) ++at_;
        if (at_ < html_.size() && html_[at_] == '=') {
            ++at_;
            while (at_ < html_.size() && isSpace(html_[at_])) ++at_;
            const char quote = at_ < html_.size() ? html_[at_] : ' ';
            std::size_t end = 0;
            if (quote == '"' || quote == '\'') {
                end = std::min(html_.find(quote, at_ + 1), html_.size());
                attribute.value = decodeEntities(html_.substr(at_ + 1, end - at_ - 1));
                end = std::min(end + 1, html_.size());
            } else {
                end = at_;
                while (end < html_.size() && !isSpace(html_[end]) && html_[end] != '>') ++end;
                attribute.value = decodeEntities(html_.substr(at_, end - at_));
            }
            at_ = end;
        }
        if (attribute.name.empty() && at_ < html_.size() && html_[at_] != '>') ++at_;
        if (!attribute.name.empty() && token.attributes.size() < kMaxAttributes)
            token.attributes.push_back(std::move(attribute));
    }
}

// To the end tag, which is left; without one nothing is skipped.
void HtmlReader::skipRawText(std::string_view name) {
    for (std::size_t at = html_.find("</", at_); at != std::string_view::npos;
         at = html_.find("</", at + 2)) {
        if (!startsIgnoringCase(html_.substr(at + 2), name)) continue;
        at_ = at;
        return;
    }
    // A script without an end hides the rest, as in a browser.
    at_ = html_.size();
}

}  // namespace signalbox::mime

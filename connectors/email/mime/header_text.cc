#include "connectors/email/mime/header_text.h"

#include <algorithm>

#include "connectors/email/mime/ascii.h"
#include "connectors/email/mime/charset.h"
#include "connectors/email/mime/message_tree.h"

namespace signalbox::mime {
namespace {

constexpr std::size_t kMaxIds = 200;
constexpr std::size_t kMaxIdLength = 998;

struct EncodedWord {
    std::string_view charset;
    std::string bytes;
    std::size_t length = 0;  // in the source; 0: none here
};

int hexValue(char c) {
    if (isDigit(c)) return c - '0';
    const char low = lowerChar(c);
    return low >= 'a' && low <= 'f' ? low - 'a' + 10 : -1;
}

std::string decodeQ(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '_') {
            out.push_back(' ');
        } else if (text[i] == '=' && i + 2 < text.size() + 0 && hexValue(text[i + 1]) >= 0 &&
                   hexValue(text[i + 2]) >= 0) {
            out.push_back(static_cast<char>(hexValue(text[i + 1]) * 16 + hexValue(text[i + 2])));
            i += 2;
        } else {
            out.push_back(text[i]);
        }
    }
    return out;
}

// «=?charset?Q?text?=» at the front. Text with spaces or without the last «=» is taken as well.
EncodedWord wordAt(std::string_view text) {
    EncodedWord word;
    if (!text.starts_with("=?")) return word;
    const auto charset_end = text.find('?', 2);
    if (charset_end == std::string_view::npos || charset_end == 2 || charset_end > 80 ||
        charset_end + 2 >= text.size() || text[charset_end + 2] != '?')
        return word;
    const char encoding = lowerChar(text[charset_end + 1]);
    if (encoding != 'b' && encoding != 'q') return word;
    word.charset = text.substr(2, charset_end - 2);
    if (std::any_of(word.charset.begin(), word.charset.end(), isSpace)) return word;
    const std::size_t begin = charset_end + 3;
    auto end = text.find("?=", begin);
    // In «?=20…» of Q the mark may be content: «=?utf-8?Q?=20x?=».
    if (end == std::string_view::npos) return word;
    const std::string_view content = text.substr(begin, end - begin);
    if (contains(content, "=?")) return word;
    word.bytes = encoding == 'q' ? decodeQ(content) : decodeTransfer(content, "base64");
    word.length = end + 2;
    return word;
}

bool isAllSpace(std::string_view text) {
    return std::all_of(text.begin(), text.end(), isSpace);
}

// Words follow each other with nothing but space between: the space goes, and bytes of one charset are joined
// before they are read.
class HeaderDecoder {
public:
    std::string run(std::string_view text) {
        std::size_t at = 0, plain = 0;
        while (at < text.size()) {
            const auto next = text.find("=?", at);
            if (next == std::string_view::npos) break;
            EncodedWord word = wordAt(text.substr(next));
            if (word.length == 0) {
                at = next + 2;
                continue;
            }
            const std::string_view between = text.substr(plain, next - plain);
            if (!is_after_word_ || !isAllSpace(between)) addPlain(between);
            addWord(std::move(word.bytes), word.charset);
            at = plain = next + word.length;
        }
        addPlain(text.substr(plain));
        flush();
        return std::move(out_);
    }

private:
    void addPlain(std::string_view text) {
        if (text.empty()) return;
        flush();
        out_ += toUtf8(text, "");
        is_after_word_ = false;
    }
    void addWord(std::string bytes, std::string_view charset) {
        if (!equalsIgnoringCase(charset, charset_)) flush();
        charset_ = std::string(charset);
        bytes_ += bytes;
        is_after_word_ = true;
    }
    void flush() {
        if (!bytes_.empty()) out_ += toUtf8(bytes_, charset_);
        bytes_.clear();
    }

    std::string out_, bytes_, charset_;
    bool is_after_word_ = false;
};

bool looksLikeId(std::string_view word) {
    const auto at = word.find('@');
    return at != std::string_view::npos && at > 0 && at + 1 < word.size() && word.size() <= kMaxIdLength;
}

void addId(std::vector<std::string>& ids, std::string id) {
    std::erase_if(id, isSpace);
    if (id.empty() || id.size() > kMaxIdLength) return;
    ids.push_back(validUtf8(id));
}

}  // namespace

std::string unfold(std::string_view raw) {
    std::string out;
    out.reserve(raw.size());
    for (std::size_t i = 0; i < raw.size(); ++i) {
        if (raw[i] == '\r' || raw[i] == '\n') continue;
        out.push_back(raw[i] == '\0' ? ' ' : raw[i]);
    }
    return std::string(trimmed(out));
}

std::string decodeHeader(std::string_view raw) {
    std::string text = HeaderDecoder().run(unfold(raw));
    // What was encoded may hold line ends; nobody below may take them for ours.
    for (char& c : text) {
        if (static_cast<unsigned char>(c) < 32 && c != '\t') c = ' ';
    }
    return std::string(trimmed(text));
}

namespace {

std::vector<std::string> readIds(std::string_view raw) {
    std::vector<std::string> ids;
    const std::string decoded = contains(raw, "=?") ? decodeHeader(raw) : unfold(raw);
    const std::string_view text = decoded;
    for (std::size_t at = text.find('<'); at != std::string_view::npos; at = text.find('<', at)) {
        const auto end = text.find_first_of("<>", at + 1);
        if (end == std::string_view::npos) {
            // Cut off: one alone may be whole, the last of many is not.
            if (ids.empty()) addId(ids, std::string(text.substr(at + 1, text.find(' ', at) - at - 1)));
            break;
        }
        if (text[end] == '>') addId(ids, std::string(text.substr(at + 1, end - at - 1)));
        at = end;
    }
    if (!ids.empty()) return ids;
    for (std::size_t at = 0; at < text.size();) {
        const auto begin = text.find_first_not_of(" \t,;", at);
        if (begin == std::string_view::npos) break;
        at = std::min(text.find_first_of(" \t,;", begin), text.size());
        std::string_view word = text.substr(begin, at - begin);
        if (word.starts_with('<')) word.remove_prefix(1);
        while (word.ends_with('>')) word.remove_suffix(1);
        if (looksLikeId(word)) addId(ids, std::string(word));
    }
    return ids;
}

}  // namespace

std::vector<std::string> parseMessageIds(std::string_view raw) {
    std::vector<std::string> ids = readIds(raw);
    // The nearest stand at the end, the beginning of the conversation in front.
    if (ids.size() > kMaxIds) ids.erase(ids.begin() + 1, ids.end() - (kMaxIds - 1));
    return ids;
}

}  // namespace signalbox::mime

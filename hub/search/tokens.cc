#include "hub/search/tokens.h"

#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/uscript.h>
#include <unicode/utf8.h>

namespace signalbox::search {
namespace {

constexpr bool isAsciiWord(unsigned char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

const UNormalizer2* decomposer() {
    static const UNormalizer2* const instance = [] {
        UErrorCode error = U_ZERO_ERROR;
        const UNormalizer2* made = unorm2_getNFKDInstance(&error);
        return U_SUCCESS(error) ? made : nullptr;
    }();
    return instance;
}

void appendCharacter(std::string& out, UChar32 c) {
    char bytes[U8_MAX_LENGTH];
    int length = 0;
    U8_APPEND_UNSAFE(bytes, length, c);
    out.append(bytes, static_cast<std::size_t>(length));
}

bool isAccent(UChar32 c) {
    return c >= 0x0300 && c <= 0x036F;
}

bool isHangul(UChar32 c) {
    return c >= 0xAC00 && c <= 0xD7A3;
}

bool isWordCharacter(UChar32 c) {
    return u_isalnum(c) || (U_GET_GC_MASK(c) & U_GC_M_MASK) != 0;
}

// ß, ligatures, full-width letters, accents: as someone would type them.
void appendFolded(std::string& out, UChar32 c) {
    if (c == 0x00DF || c == 0x1E9E) {
        out += "ss";
        return;
    }
    if (!isHangul(c) && decomposer() != nullptr) {
        UChar parts[32];
        UErrorCode error = U_ZERO_ERROR;
        const int length = unorm2_getDecomposition(decomposer(), c, parts, 32, &error);
        if (U_SUCCESS(error) && length > 0) {
            for (int at = 0; at < length;) {
                UChar32 part = 0;
                U16_NEXT(parts, at, length, part);
                if (!isAccent(part) && isWordCharacter(part))
                    appendCharacter(out, u_foldCase(part, U_FOLD_CASE_DEFAULT));
            }
            return;
        }
    }
    if (!isAccent(c)) appendCharacter(out, u_foldCase(c, U_FOLD_CASE_DEFAULT));
}

// Written without spaces between words.
bool standsAlone(UChar32 c) {
    UErrorCode error = U_ZERO_ERROR;
    switch (uscript_getScript(c, &error)) {
        case USCRIPT_HAN:
        case USCRIPT_HIRAGANA:
        case USCRIPT_KATAKANA:
        case USCRIPT_THAI:
        case USCRIPT_LAO:
        case USCRIPT_KHMER:
        case USCRIPT_MYANMAR:
            return true;
        default:
            return false;
    }
}

void cutWord(std::string& word) {
    if (word.size() <= kMaxWordBytes) return;
    std::size_t end = kMaxWordBytes;
    while (end > 0 && (static_cast<unsigned char>(word[end]) & 0xC0U) == 0x80U) --end;
    word.resize(end);
}

class Tokenizer {
public:
    explicit Tokenizer(std::size_t max_tokens) : max_tokens_(max_tokens) {}

    std::vector<Token> run(std::string_view text) {
        const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
        const auto length = static_cast<std::int32_t>(std::min<std::size_t>(text.size(), 1U << 30U));
        for (std::int32_t at = 0; at < length && tokens_.size() < max_tokens_;) {
            const auto begin = static_cast<std::size_t>(at);
            if (bytes[at] < 0x80) {
                takeAscii(bytes[at++], begin);
                continue;
            }
            UChar32 c = 0;
            U8_NEXT(bytes, at, length, c);
            takeOther(c, begin, static_cast<std::size_t>(at));
        }
        endWord();
        return std::move(tokens_);
    }

private:
    void takeAscii(unsigned char c, std::size_t begin) {
        if (!isAsciiWord(c) || is_alone_) endWord();
        if (!isAsciiWord(c)) return;
        open(begin, begin + 1);
        word_.word += static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
    }

    void takeOther(UChar32 c, std::size_t begin, std::size_t end) {
        if (c < 0 || !isWordCharacter(c)) return endWord();
        const bool is_mark = (U_GET_GC_MASK(c) & U_GC_M_MASK) != 0;
        const bool is_alone = !is_mark && standsAlone(c);
        if (!is_mark && (is_alone || is_alone_)) endWord();
        open(begin, end);
        appendFolded(word_.word, c);
        is_alone_ = is_alone_ || is_alone;
    }

    void open(std::size_t begin, std::size_t end) {
        if (word_.word.empty()) word_.begin = begin;
        word_.end = end;
    }

    void endWord() {
        is_alone_ = false;
        if (word_.word.empty()) return;
        cutWord(word_.word);
        tokens_.push_back(std::move(word_));
        word_ = {};
    }

    const std::size_t max_tokens_;
    std::vector<Token> tokens_;
    Token word_;
    bool is_alone_ = false;
};

}  // namespace

std::vector<Token> tokenize(std::string_view text, std::size_t max_tokens) {
    auto tokens = Tokenizer(max_tokens).run(text);
    if (tokens.size() > max_tokens) tokens.resize(max_tokens);
    return tokens;
}

std::string foldedText(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (const Token& token : tokenize(text)) {
        if (!out.empty()) out += ' ';
        out += token.word;
    }
    return out;
}

}  // namespace signalbox::search

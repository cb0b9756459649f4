// Text as the words that search compares: letters and digits, folded (case, accents, width), each with its
// place in the text. Used for documents, for queries and for marking hits, so all three agree on both
// databases. Scripts that are written without spaces (Chinese, Japanese, Thai …) give one word for each
// character; a query of several then is a phrase. Pure; this file's source is the only one that knows ICU.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace signalbox::search {

struct Token {
    std::string word;                // at most kMaxWordBytes, cut at a character
    std::size_t begin = 0, end = 0;  // bytes of the text
};

inline constexpr std::size_t kMaxWordBytes = 64;

// At most `max_tokens`; bytes that are no UTF-8 separate words.
std::vector<Token> tokenize(std::string_view text, std::size_t max_tokens = 20'000);
// The words alone, with a space between.
std::string foldedText(std::string_view text);

}  // namespace signalbox::search

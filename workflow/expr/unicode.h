// Text as a list of characters (code points), so that length, slice and truncate never cut one in half.
// Total: a byte that is no UTF-8 counts as a character of its own.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace signalbox::workflow::expr {

// The first character and its size in bytes; `text` is not empty. Invalid bytes give U+FFFD and 1.
struct Character {
    char32_t code;
    std::size_t size;
};
Character firstCharacter(std::string_view text);

std::size_t countCharacters(std::string_view text);
// Byte offset of character number `index`, or the size of the text when it has fewer.
std::size_t offsetOfCharacter(std::string_view text, std::size_t index);
std::string reverseCharacters(std::string_view text);

bool isUtf8(std::string_view text);
void appendUtf8(std::string& out, char32_t code);

// Latin, Greek, Cyrillic and Armenian letters; others stay as they are. No locale.
std::string toLower(std::string_view text);
std::string toUpper(std::string_view text);

}  // namespace signalbox::workflow::expr

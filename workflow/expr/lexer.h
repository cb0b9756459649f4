// Cuts the text of an expression into tokens. Called by the parser only; pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"

namespace signalbox::workflow::expr {

// Where something stands, for error messages. Counted from 1, in characters.
struct Position {
    std::uint32_t line = 1;
    std::uint32_t column = 1;
};

// "column 12: MESSAGE", or "line 3, column 12: MESSAGE" below the first line.
Error errorAt(Position at, const std::string& message);

enum class TokenKind { Number, Text, Name, Symbol, End };

struct Token {
    TokenKind kind = TokenKind::End;
    Position at;
    std::string word;  // Name: the name; Symbol: "==", "(", …; Text: the unescaped text
    Json number;       // Number only
};

// Errors: Invalid. The last token is End. `start` is the position of the first character.
Result<std::vector<Token>> tokenize(std::string_view text, Position start);

// The position behind `text` when it starts at `from`.
Position advance(Position from, std::string_view text);

}  // namespace signalbox::workflow::expr

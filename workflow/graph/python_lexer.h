// The tokens of Python, line by line, as far as expressions need them. Pure; any thread.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace signalbox::workflow {

struct PythonToken {
    enum class Kind { Name, Number, Text, Format, Symbol, End };  // Format: f"…", as it is written
    Kind kind = Kind::End;
    std::string text;  // of a text what it means, its escapes replaced
    std::size_t line = 1;
};

// Lines as Python counts them: what brackets hold together is one. Each ends with an End.
Result<std::vector<std::vector<PythonToken>>> pythonLines(std::string_view code);
// One expression.
Result<std::vector<PythonToken>> pythonTokens(std::string_view code, std::size_t line);
// An f-string's parts: text, or the code between braces (true). Formats such as {x:.2f} are not taken.
Result<std::vector<std::pair<std::string, bool>>> formatParts(const PythonToken& token);

}  // namespace signalbox::workflow

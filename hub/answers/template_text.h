// The texts of templates: words with {{name}} or {{name|what stands there when it is missing}} in them. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"

namespace signalbox {

// Each variable once, in the order of their first use. Invalid: braces that do not close, or a name that is
// none (letters, digits, _ and dots: person.name, order_number).
Result<std::vector<std::string>> variablesOf(std::string_view text);

enum class Escaping { None, Html };

struct Rendered {
    std::string text;
    std::vector<std::string> missing;  // variables without a value and without something to stand in
};
// `values`: {"person": {"name": "Ada"}, "order_number": 17}. `text` is known to be well-formed.
Rendered renderTemplate(std::string_view text, const Json& values, Escaping escaping);

}  // namespace signalbox

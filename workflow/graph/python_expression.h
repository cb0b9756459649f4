// A Python function that only computes, as expressions of ours: what Dify's code nodes mostly hold. It takes
// assignments, one return, literals, arithmetic, comparisons, conditional expressions, indices, slices,
// f-strings and some functions; loops, statements with bodies and imports that are used are not taken.
// Pure; any thread.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace signalbox::workflow {

struct PythonValue {
    // What `+` and `*` mean depends on it.
    enum class Kind { Unknown, Number, Text, List, Object };
    std::string text;  // an expression of ours
    Kind kind = Kind::Unknown;
    std::vector<std::pair<std::string, PythonValue>> members;  // of an object that is written out
};

struct PythonFunction {
    std::string_view code;                             // with `def main(…):`
    std::map<std::string, PythonValue> arguments;      // what its parameters stand for
    std::map<std::string, PythonValue::Kind> results;  // what the members of its answer are declared to be
};

// The members of the object that it returns. Errors: Invalid, with the line and what is not taken.
Result<std::vector<std::pair<std::string, PythonValue>>> readPython(const PythonFunction& function);

// One expression as Jinja writes it: Python's, with members behind a dot, filters behind | and texts joined
// by ~.
Result<PythonValue> readJinjaExpression(std::string_view code, std::size_t line,
                                        const std::map<std::string, PythonValue>& names);

}  // namespace signalbox::workflow

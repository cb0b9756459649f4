// What the infix operators do to two values. Pure and total.
#pragma once

#include <string>
#include <variant>

#include "workflow/expr/ast.h"
#include "workflow/expr/value.h"

namespace signalbox::workflow::expr {

struct Fault {
    std::string why;  // and what to do about it
};

std::variant<Json, Fault> arithmetic(Operator op, const Json& left, const Json& right);
// The comparisons, and the tests on text and lists. `pattern` is the compiled right side of `matches`, if
// any.
std::variant<bool, Fault> compare(Operator op, const Json& left, const Json& right, const Pattern* pattern,
                                  Budget& budget);

}  // namespace signalbox::workflow::expr

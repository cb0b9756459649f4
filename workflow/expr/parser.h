// Text → tree, by recursive descent; the precedence of operators is the order of the functions in parser.cc.
#pragma once

#include <string_view>

#include "workflow/expr/ast.h"

namespace signalbox::workflow::expr {

// Errors: Invalid, with the position and a remedy. `start` is where the text begins in what a person wrote.
Result<NodePtr> parse(std::string_view text, Position start);

}  // namespace signalbox::workflow::expr

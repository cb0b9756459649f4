// Tree + scope → value. Bounded by the tree's height and by one Budget for the whole evaluation.
#pragma once

#include "workflow/expr/ast.h"
#include "workflow/expr/value.h"

namespace signalbox::workflow::expr {

// Errors: Invalid, with the position of the operator or function that failed. The result may borrow from the
// scope and from the tree.
Result<Value> evaluate(const Expression::Node& node, const Json& scope, Budget& budget);

}  // namespace signalbox::workflow::expr

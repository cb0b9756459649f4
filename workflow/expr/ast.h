// The tree of an expression. Built by the parser, never changed afterwards, so threads share it freely. Its
// height is at most kMaxDepth, which bounds the recursion of everything that walks it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/json.h"
#include "workflow/expr/expression.h"
#include "workflow/expr/function.h"
#include "workflow/expr/lexer.h"
#include "workflow/expr/pattern.h"

namespace signalbox::workflow {

namespace expr {

enum class NodeKind {
    Literal,     // literal
    Name,        // name: a member of the scope
    Member,      // children: base, then one key for each step
    List,        // children
    Object,      // keys[i] → children[i]
    Not,         // children[0]
    Negate,      // children[0]
    And,         // children, two or more
    Or,          // children, two or more
    Default,     // children: the first that is not null
    Chain,       // children joined from the left by operators[i]: arithmetic or ~
    Comparison,  // children[0] operators[0] children[1]
    Choice,      // children[0] ? children[1] : children[2]
    Call,        // function(children…)
};

enum class Operator {
    Add,
    Subtract,
    Multiply,
    Divide,
    Modulo,
    Concat,
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    In,
    Contains,
    StartsWith,
    EndsWith,
    Matches,
};

inline constexpr unsigned kMaxDepth = 64;
inline constexpr std::size_t kMaxSource = 16 * 1024;

}  // namespace expr

struct Expression::Node {
    expr::NodeKind kind;
    expr::Position at;
    unsigned height = 1;
    Json literal;
    std::string name;
    std::vector<std::string> keys;
    std::vector<std::shared_ptr<const Node>> children;
    std::vector<expr::Operator> operators;
    std::vector<expr::Position> places;  // of each operator
    const expr::Function* function = nullptr;
    std::shared_ptr<const expr::Pattern> pattern;  // `matches` with a literal on its right
};

namespace expr {

using NodePtr = std::shared_ptr<const Expression::Node>;

}  // namespace expr
}  // namespace signalbox::workflow

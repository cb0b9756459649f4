#include "workflow/expr/expression.h"

#include <set>

#include "workflow/expr/evaluator.h"
#include "workflow/expr/parser.h"

namespace signalbox::workflow {
namespace {

using expr::NodeKind;

void collectNames(const Expression::Node& node, std::set<std::string>& into);

// `a.b["c"]` as "a.b.c", up to the first step that is no written-out name.
std::string staticPath(const Expression::Node& member) {
    std::string path = member.children[0]->name;
    for (std::size_t i = 1; i < member.children.size(); ++i) {
        const auto& step = *member.children[i];
        if (step.kind != NodeKind::Literal || !step.literal.is_string()) break;
        path += "." + step.literal.get<std::string>();
    }
    return path;
}

void collectNames(const Expression::Node& node, std::set<std::string>& into) {
    if (node.kind == NodeKind::Name) into.insert(node.name);
    const bool is_path = node.kind == NodeKind::Member && node.children[0]->kind == NodeKind::Name;
    if (is_path) into.insert(staticPath(node));
    for (std::size_t i = is_path ? 1 : 0; i < node.children.size(); ++i)
        collectNames(*node.children[i], into);
}

}  // namespace

Result<Expression> Expression::compile(std::string_view text) {
    return compileAt(text, {});
}

Result<Expression> Expression::compileAt(std::string_view text, const expr::Position& start) {
    auto root = expr::parse(text, start);
    if (!root) return root.error();
    return Expression(std::move(*root));
}

Result<Json> Expression::evaluate(const Json& scope) const {
    expr::Budget budget;
    auto value = expr::evaluate(*root_, scope, budget);
    if (!value) return value.error();
    // What was made on the way is counted already; a bare `item` is copied here.
    if (value->isBorrowed() && !budget.chargeDeep(**value))
        return expr::errorAt(root_->at,
                             "the value is larger than 16 MiB; name the members of it that are needed");
    return std::move(*value).take();
}

std::vector<std::string> Expression::names() const {
    std::set<std::string> names;
    collectNames(*root_, names);
    return {names.begin(), names.end()};
}

bool isTruthy(const Json& value) {
    if (value.is_boolean()) return value.get<bool>();
    if (value.is_number()) return value.get<double>() != 0;
    if (value.is_string()) return !value.get_ref<const std::string&>().empty();
    return value.is_structured() && !value.empty();
}

}  // namespace signalbox::workflow

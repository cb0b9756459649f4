#include "workflow/expr/evaluator.h"

#include "workflow/expr/operators.h"
#include "workflow/expr/unicode.h"

namespace signalbox::workflow::expr {
namespace {

using Node = Expression::Node;
using Outcome = Result<Value>;

class Evaluator {
public:
    Evaluator(const Json& scope, Budget& budget) : scope_(scope), budget_(budget) {}

    Outcome value(const Node& node) {
        if (!budget_.charge(1)) return tooMuch(node.at);
        switch (node.kind) {
            case NodeKind::Literal:
                return Value::borrowed(node.literal);
            case NodeKind::Name:
                return Value::borrowed(memberAt(scope_, node.name));
            case NodeKind::Member:
                return member(node);
            case NodeKind::List:
                return list(node);
            case NodeKind::Object:
                return object(node);
            case NodeKind::Not:
                return negation(node);
            case NodeKind::Negate:
                return negative(node);
            case NodeKind::And:
                return logical(node, false);
            case NodeKind::Or:
                return logical(node, true);
            case NodeKind::Default:
                return firstThere(node);
            case NodeKind::Chain:
                return chain(node);
            case NodeKind::Comparison:
                return comparison(node);
            case NodeKind::Choice:
                return choice(node);
            case NodeKind::Call:
                return call(node);
        }
        return errorAt(node.at, "unknown kind of expression");
    }

private:
    static Error tooMuch(Position at) {
        return errorAt(at, "the expression handles more than 16 MiB; use a Lua node for this");
    }
    static Error tooLong(Position at) {
        return errorAt(at, "the text grows over 1 MiB; cut it with truncate");
    }

    // `a[i]` of whatever `a` is, but a text; null when there is no such thing.
    static const Json& stepInto(const Json& from, const Json& key) {
        if (key.is_string()) return memberAt(from, key.get_ref<const std::string&>());
        const auto index = wholeOf(key);
        if (!from.is_array() || !index) return nullValue();
        const auto size = static_cast<std::int64_t>(from.size());
        const auto place = *index < 0 ? *index + size : *index;
        return place < 0 || place >= size ? nullValue() : from[static_cast<std::size_t>(place)];
    }

    // Character number `index` of a text, from its end when it is negative.
    static Json characterOf(const std::string& text, std::int64_t index) {
        const auto size = static_cast<std::int64_t>(countCharacters(text));
        const auto place = index < 0 ? index + size : index;
        if (place < 0 || place >= size) return nullptr;
        const auto rest =
            std::string_view(text).substr(offsetOfCharacter(text, static_cast<std::size_t>(place)));
        return std::string(rest.substr(0, firstCharacter(rest).size));
    }

    Outcome member(const Node& node) {
        auto base = value(*node.children[0]);
        if (!base) return base;
        const Json* at = &**base;
        Json character;
        for (std::size_t i = 1; i < node.children.size(); ++i) {
            auto key = value(*node.children[i]);
            if (!key) return key;
            const auto index = at->is_string() ? wholeOf(**key) : std::nullopt;
            if (index) {
                if (!budget_.chargeTop(*at)) return tooMuch(node.at);
                character = characterOf(at->get_ref<const std::string&>(), *index);
            }
            at = index ? &character : &stepInto(*at, **key);
        }
        if (at == &character) return Value(std::move(character));
        if (isInScope(*node.children[0])) return Value::borrowed(*at);
        return charged(node.at, Json(*at));
    }
    // Whether its value outlives the step: only what was made on the way must be copied out of.
    static bool isInScope(const Node& base) {
        return base.kind == NodeKind::Name || base.kind == NodeKind::Literal;
    }

    Outcome charged(Position at, Json made) {
        if (!budget_.chargeDeep(made)) return tooMuch(at);
        return Value(std::move(made));
    }

    Outcome list(const Node& node) {
        Json out = Json::array();
        for (const auto& child : node.children) {
            auto element = value(*child);
            if (!element) return element;
            if (!budget_.chargeDeep(**element)) return tooMuch(child->at);
            out.push_back(std::move(*element).take());
        }
        return Value(std::move(out));
    }

    Outcome object(const Node& node) {
        Json out = Json::object();
        for (std::size_t i = 0; i < node.children.size(); ++i) {
            auto member = value(*node.children[i]);
            if (!member) return member;
            if (!budget_.chargeDeep(**member)) return tooMuch(node.children[i]->at);
            out[node.keys[i]] = std::move(*member).take();
        }
        return Value(std::move(out));
    }

    Outcome negation(const Node& node) {
        auto operand = value(*node.children[0]);
        if (!operand) return operand;
        return Value(!isTruthy(**operand));
    }

    Outcome negative(const Node& node) {
        auto operand = value(*node.children[0]);
        if (!operand) return operand;
        return settled(node.at, arithmetic(Operator::Subtract, Json(0), **operand));
    }

    template <class Made>
    static Outcome settled(Position at, std::variant<Made, Fault> result) {
        if (const auto* fault = std::get_if<Fault>(&result)) return errorAt(at, fault->why);
        return Value(Json(std::get<Made>(std::move(result))));
    }

    Outcome logical(const Node& node, bool deciding) {
        for (const auto& child : node.children) {
            auto operand = value(*child);
            if (!operand) return operand;
            if (isTruthy(**operand) == deciding) return Value(deciding);
        }
        return Value(!deciding);
    }

    Outcome firstThere(const Node& node) {
        for (const auto& child : node.children) {
            auto operand = value(*child);
            if (!operand || !(*operand)->is_null()) return operand;
        }
        return Value::borrowed(nullValue());
    }

    Outcome chain(const Node& node) {
        if (node.operators[0] == Operator::Concat) return concat(node);
        auto sum = value(*node.children[0]);
        for (std::size_t i = 1; sum && i < node.children.size(); ++i) {
            auto operand = value(*node.children[i]);
            if (!operand) return operand;
            sum = settled(node.places[i - 1], arithmetic(node.operators[i - 1], **sum, **operand));
        }
        return sum;
    }

    Outcome concat(const Node& node) {
        std::string out;
        for (const auto& child : node.children) {
            auto operand = value(*child);
            if (!operand) return operand;
            if (!budget_.chargeDeep(**operand)) return tooMuch(child->at);
            out += textOf(**operand);
            if (out.size() > kMaxText) return tooLong(child->at);
        }
        return Value(Json(std::move(out)));
    }

    Outcome comparison(const Node& node) {
        auto left = value(*node.children[0]);
        if (!left) return left;
        auto right = value(*node.children[1]);
        if (!right) return right;
        if (!budget_.chargeDeep(**left) || !budget_.chargeDeep(**right)) return tooMuch(node.at);
        auto verdict = compare(node.operators[0], **left, **right, node.pattern.get(), budget_);
        return budget_.isSpent() ? Outcome(tooMuch(node.at)) : settled(node.at, std::move(verdict));
    }

    Outcome choice(const Node& node) {
        auto condition = value(*node.children[0]);
        if (!condition) return condition;
        return value(*node.children[isTruthy(**condition) ? 1 : 2]);
    }

    Outcome call(const Node& node) {
        std::vector<Value> values;
        values.reserve(node.children.size());
        for (const auto& child : node.children) {
            auto argument = value(*child);
            if (!argument) return argument;
            if (!budget_.chargeTop(**argument)) return tooMuch(child->at);
            values.push_back(std::move(*argument));
        }
        if (node.function->passes_null && values[0]->is_null()) return Value::borrowed(nullValue());
        Arguments arguments(std::move(values), budget_);
        Json made = node.function->call(arguments);
        if (budget_.isSpent()) return tooMuch(node.at);
        if (arguments.fault())
            return errorAt(node.at, std::string(node.function->name) + ": " + *arguments.fault());
        if (made.is_string() && made.get_ref<const std::string&>().size() > kMaxText) return tooLong(node.at);
        return charged(node.at, std::move(made));
    }

    const Json& scope_;
    Budget& budget_;
};

}  // namespace

Result<Value> evaluate(const Node& node, const Json& scope, Budget& budget) {
    return Evaluator(scope, budget).value(node);
}

}  // namespace signalbox::workflow::expr

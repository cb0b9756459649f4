// The small language of conditions and templates: `message.text | lower contains "price" and not run.is_dry`.
// No loops, no assignments, no calls into anything: an expression always ends, and quickly. Grammar and
// functions: workflow/expr/README.md.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"

namespace signalbox::workflow {

namespace expr {
struct Position;
}

// Compiled once, evaluated by any number of threads at once.
class Expression {
public:
    // The error gives the position: "column 12: expected ) after the arguments of round".
    static Result<Expression> compile(std::string_view text);
    // Names are looked up in `scope` (an object); what is missing is null. Errors: Invalid, with the
    // position.
    Result<Json> evaluate(const Json& scope) const;
    // The names at the roots of the paths used ("message", "nodes.ask.output" …), for lint.
    std::vector<std::string> names() const;

    struct Node;

private:
    friend class Template;
    explicit Expression(std::shared_ptr<const Node> root) : root_(std::move(root)) {}
    static Result<Expression> compileAt(std::string_view text, const expr::Position& start);
    std::shared_ptr<const Node> root_;
};

// Null, false, 0, "", [] and {} are not true; everything else is.
bool isTruthy(const Json& value);

// Text with `{{ expression }}` in it. A text that is one `{{ … }}` and nothing else keeps the value's type;
// otherwise values are joined as text (null is empty, objects and arrays are JSON). `\{{` is a literal `{{`.
class Template {
public:
    static Result<Template> compile(std::string_view text);
    Result<Json> render(const Json& scope) const;
    bool isPlain() const;  // no expression in it
    std::vector<std::string> names() const;

private:
    struct Part {
        std::string text;
        std::optional<Expression> expression;
    };
    std::vector<Part> parts_;
};

// Renders every string inside a JSON value (object keys stay). Errors name the path: "body.items[2].name:
// column 4: …".
Result<Json> renderAll(const Json& value, const Json& scope);
// Compile errors of every string inside, each with its path.
std::vector<std::string> checkAll(const Json& value);

}  // namespace signalbox::workflow

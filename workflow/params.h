// A node's parameters with every `{{ … }}` in them compiled once. Node types keep them in their Prepared;
// immutable, used by any number of threads at once.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "workflow/expr/expression.h"

namespace signalbox::workflow {

class Params {
public:
    Params() = default;
    // Errors name the path: "headers.accept: column 4: …".
    static Result<Params> compile(const Json& value);

    // The value with its templates evaluated. Errors name the path.
    Result<Json> render(const Json& scope) const;
    // Adds what the templates read.
    void collectNames(std::vector<std::string>& names) const;

private:
    static Result<Params> compile(const Json& value, const std::string& path, int depth);

    Json plain_;                      // a value without templates
    std::vector<Template> template_;  // one, when this is a text with an expression in it
    std::vector<std::pair<std::string, Params>> members_;  // of an object or array that holds templates
    bool is_array_ = false;
    std::string path_;
};

// Wording shared by node types that read optional text or numbers out of rendered params: a number, or a text
// that is one.
std::optional<double> numberIn(const Json& value);
// Text as it is; null is empty; anything else as JSON.
std::string textIn(const Json& value);

}  // namespace signalbox::workflow

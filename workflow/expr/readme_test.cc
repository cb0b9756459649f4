#include <boost/test/unit_test.hpp>
#include <fstream>
#include <sstream>

#include "tests/build_places.h"
#include "workflow/expr/expression.h"
#include "workflow/expr/function.h"

namespace signalbox::workflow {
namespace {

struct Example {
    std::string expression, expected;
};

struct Readme {
    Json scope;
    std::vector<Example> examples;
};

Example toExample(const std::string& line) {
    const std::string arrow = " → ";
    const auto at = line.rfind(arrow);
    if (at == std::string::npos) return {line, ""};
    const auto end = line.find_last_not_of(' ', at);
    return {line.substr(0, end + 1), line.substr(at + arrow.size())};
}

// The fenced blocks ```scope and ```expr.
const Readme& readme() {
    static const Readme parsed = [] {
        Readme out;
        std::ifstream file(SIGNALBOX_SOURCE_DIR "/workflow/expr/README.md");
        std::string block, scope;
        for (std::string line; std::getline(file, line);) {
            if (line.starts_with("```")) {
                block = block.empty() ? line : "";
                continue;
            }
            if (block == "```scope") scope += line + "\n";
            if (block == "```expr") out.examples.push_back(toExample(line));
        }
        out.scope = *parseJson(scope);
        return out;
    }();
    return parsed;
}

std::string shown(const std::string& expression) {
    const auto compiled = Expression::compile(expression);
    if (!compiled) return "error: " + compiled.error().message;
    const auto value = compiled->evaluate(readme().scope);
    return value ? dumpJson(*value) : "error: " + value.error().message;
}

}  // namespace

BOOST_AUTO_TEST_CASE(every_example_of_the_readme_gives_what_it_says) {
    BOOST_REQUIRE(readme().examples.size() > 60);
    for (const auto& [expression, expected] : readme().examples) {
        const bool is_error = expected.starts_with("error: ");
        const auto wanted = is_error ? Result<Json>(Json()) : parseJson(expected);
        BOOST_REQUIRE_MESSAGE(wanted, expression << " → " << expected << ": not JSON");

        BOOST_CHECK_MESSAGE(shown(expression) == (is_error ? expected : dumpJson(*wanted)),
                            expression << "\n  says " << expected << "\n  gives " << shown(expression));
    }
}

BOOST_AUTO_TEST_CASE(every_function_has_an_example) {
    for (const auto name : expr::functionNames()) {
        const std::string called = std::string(name) + "(", piped = "| " + std::string(name);
        bool is_shown = false;
        for (const auto& example : readme().examples)
            is_shown = is_shown || example.expression.find(called) != std::string::npos ||
                       example.expression.find(piped) != std::string::npos;
        BOOST_CHECK_MESSAGE(is_shown, name << " has no example in workflow/expr/README.md");
    }
}

}  // namespace signalbox::workflow

#include "daemon/client/command_groups.h"
#include "daemon/client/session.h"
#include "daemon/client/token_source.h"
#include "workflow/expr/expression.h"

namespace signalbox::client {
namespace {

// The members of the data by their names, and the whole as what a node calls it.
Json scopeOf(const Json& data) {
    Json scope = data.is_object() ? data : Json::object();
    for (const char* name : {"item", "trigger"})
        if (!scope.contains(name)) scope[name] = data;
    return scope;
}

// Works without a daemon.
Result<Exit> eval(Session& session, const Values& values) {
    const auto expression = workflow::Expression::compile(values.text("expr"));
    if (!expression) return usageError("expression: " + expression.error().message);
    Json data;
    if (values.has("--data")) {
        const auto text = readInput(values.text("--data"));
        if (!text) return text.error();
        auto read = parseJson(*text);
        if (!read)
            return usageError("--data " + values.text("--data") + ": not JSON: " + read.error().message);
        data = std::move(*read);
    }
    const auto value = expression->evaluate(scopeOf(data));
    if (!value) return usageError("expression: " + value.error().message);
    session.print(*value,
                  [&] { return (value->is_string() ? value->get<std::string>() : dumpJson(*value)) + '\n'; });
    return Exit::Done;
}

}  // namespace

std::vector<Command> expressionCommands() {
    return {{{"expr", "eval"},
             "What an expression of a condition or template gives. Works without a daemon.\n"
             "A text is printed as it is, everything else as JSON; with --json a text is JSON, too.\n"
             "The members of --data are names in the expression; the whole is also item and trigger",
             {{"expr", "EXPR", "The expression, in quotes (workflow/expr/README.md)", true},
              {"--data", "FILE", "JSON for the expression to read; - is standard input"}},
             {"signalbox expr eval 'message.text | lower contains \"price\"' --data event.json",
              "echo '{\"n\": 3}' | signalbox expr eval 'n > 2 and item.n < 4' --data -"},
             eval}};
}

}  // namespace signalbox::client

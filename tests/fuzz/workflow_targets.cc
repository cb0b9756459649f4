#include "tests/fuzz/targets.h"
#include "workflow/expr/expression.h"
#include "workflow/graph/compile.h"
#include "workflow/graph/lint.h"

namespace signalbox::fuzz {
namespace {

using namespace workflow;

// A graph in which lint finds no fault can be published.
void fuzzGraph(std::string_view bytes) {
    if (bytes.size() > 65'536) return;
    const auto graph = parseGraph(bytes);
    lintText(bytes, {});
    if (!graph || hasErrors(lint(*graph, {}))) return;
    const auto compiled = compile(*graph, Json::object(), {1, 1, 1, "fuzz"});
    if (!compiled) throw Broken("graph: no fault found, and not to be compiled: " + compiled.error().message);
}

const Json& scope() {
    static const Json value = {{"message", {{"text", "Hello"}, {"n", 3}, {"tags", {"a", "b"}}}},
                               {"item", {{"when", "2026-03-29T01:30:00Z"}, {"price", 12.5}}},
                               {"nodes", Json::object()}};
    return value;
}

void fuzzExpression(std::string_view bytes) {
    const auto expression = Expression::compile(bytes);
    if (!expression) return;
    const auto value = expression->evaluate(scope());
    if (value && dumpJson(*value).size() > 64U * 1024 * 1024)
        throw Broken("expression: the value is too large");
    expression->names();
}

void fuzzTemplate(std::string_view bytes) {
    const auto compiled = Template::compile(bytes);
    if (!compiled) return;
    const auto text = compiled->render(scope());
    if (text && compiled->isPlain() && !text->is_string())
        throw Broken("template: plain text became a value");
}

}  // namespace

void addWorkflowTargets(std::vector<Target>& targets) {
    targets.push_back(
        {"graph",
         fuzzGraph,
         {R"({"nodes":[{"id":"a","type":"trigger.manual","position":{"x":0,"y":0},"data":{}},{"id":"b","type":"if","data":{"condition":"item.n > 1"}},{"id":"c","type":"set","data":{"fields":{"x":"{{ item.n }}"}}}],"edges":[{"id":"e","source":"a","target":"b"},{"id":"f","source":"b","sourceHandle":"true","target":"c"},{"id":"g","source":"c","target":"b"}],"viewport":{"x":0,"y":0,"zoom":1}})",
          R"({"data":{"nodes":[{"id":1,"parentNode":1,"data":{"type":"lua","source":"function run(item) return item end"}}],"edges":[{"source":1,"target":2}]}})",
          R"({"flowData":"{\"nodes\":[],\"edges\":[]}"})",
          R"({"workflow":{"graph":{"nodes":[{"id":"s","type":"custom","data":{"type":"start"}}],"edges":[]}}})"}});
    targets.push_back({"expression",
                       fuzzExpression,
                       {"message.text | lower contains \"hello\" and not (message.n >= 3)",
                        "item.price * 2 - -1 / 0", "message.tags[1] == \"b\" or nodes.ask.output.x is empty",
                        "[1, {\"a\": 2}][1].a", "item.when | date(\"%Y\")", "((((((1))))))"}});
    targets.push_back({"template",
                       fuzzTemplate,
                       {"Hello {{ message.text | upper }}!", "{{ message.n + 1 }}", "\\{{ literal }}",
                        "{{ {{ }} }}", "{{ \"}}\" }}"}});
}

}  // namespace signalbox::fuzz

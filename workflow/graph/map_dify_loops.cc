// Dify's containers and what changes while a graph runs: iterations, loops with variables, assigners.
// Variables of a loop are called "<loop id>.<name>" here, those of the conversation "conversation.<name>".
#include <cstdlib>
#include <set>
#include <unordered_map>

#include "workflow/expr/value.h"
#include "workflow/graph/map_dify.h"

namespace signalbox::workflow {
namespace {

constexpr const char* kEnded = "$ended";

Counterpart none(std::string reason) {
    Counterpart out;
    out.reason = std::move(reason);
    return out;
}

std::string variable(const std::string& scope, const std::string& name) {
    return "vars[" + literal(scope + "." + name) + "]";
}

// A constant as it was typed into a form: numbers, lists and objects may be text.
Json constantOf(const Json& value, const std::string& type) {
    if (!value.is_string()) return value;
    const std::string text = value.get<std::string>();
    if (type == "number") return expr::parseNumber(text).value_or(0);
    if (type == "boolean") return text == "true" || text == "True";
    if (type.starts_with("array") || type == "object") {
        auto parsed = parseJson(text);
        return parsed ? std::move(*parsed) : type == "object" ? Json::object() : Json::array();
    }
    return difyEscaped(text);
}

std::optional<Json> valueOf(const Json& value, bool is_constant, const std::string& type) {
    if (is_constant) return constantOf(value, type);
    const auto path = difySelector(value);
    if (!path) return std::nullopt;
    return Json("{{ " + *path + " }}");
}

// ["<loop id>" or "conversation", "<name>"]
std::optional<std::string> targetOf(const Json& selector) {
    if (!selector.is_array() || selector.size() != 2 || !selector[0].is_string() || !selector[1].is_string())
        return std::nullopt;
    return selector[0].get<std::string>() + "." + selector[1].get<std::string>();
}

std::string operationOf(const std::string& theirs) {
    static const std::unordered_map<std::string, std::string> kOperations = {{"over-write", "set"},
                                                                             {"set", "set"},
                                                                             {"+=", "add"},
                                                                             {"-=", "subtract"},
                                                                             {"*=", "multiply"},
                                                                             {"/=", "divide"},
                                                                             {"append", "append"},
                                                                             {"extend", "extend"},
                                                                             {"remove-first", "remove_first"},
                                                                             {"remove-last", "remove_last"},
                                                                             {"clear", "clear"}};
    const auto found = kOperations.find(theirs);
    return found == kOperations.end() ? "" : found->second;
}

bool isArithmetic(const std::string& operation) {
    return operation == "add" || operation == "subtract" || operation == "multiply" || operation == "divide";
}

using NodesById = std::unordered_map<std::string_view, const GraphNode*>;

// How many containers lie between a node and one around it; nothing when it is not inside.
std::optional<int> levelsUp(const NodesById& nodes, const GraphNode& node, const std::string& container) {
    const GraphNode* at = &node;
    for (int levels = 0; levels < 16; ++levels) {
        if (at->parent == container) return levels;
        const auto parent = nodes.find(at->parent);
        if (parent == nodes.end()) return std::nullopt;
        at = parent->second;
    }
    return std::nullopt;
}

void readItems(const NodesById& nodes, const GraphNode& container, GraphNode& other) {
    const auto levels = levelsUp(nodes, other, container.id);
    std::string loop = "loop";
    for (int i = 0; i < levels.value_or(0); ++i) loop += ".parent";
    replaceAll(other.data, outputPath(container.id, {"item"}), loop + ".item");
    replaceAll(other.data, outputPath(container.id, {"index"}), loop + ".index");
}

// Where `other` reads the container: its item, index and results, or its variables.
void readContainer(const NodesById& nodes, const GraphNode& container, GraphNode& other) {
    if (container.kind == "iteration") {
        const bool flattens =
            !container.original.contains("flatten_output") || flagAt(container.original, "flatten_output");
        readItems(nodes, container, other);
        replaceAll(other.data, outputPath(container.id, {"output"}),
                   "(" + outputPath(container.id, {"results"}) + (flattens ? " | flatten)" : ")"));
        return;
    }
    for (const auto& one : memberAt(container.original, "loop_variables")) {
        const std::string name = textAt(one, "label");
        replaceAll(other.data, outputPath(container.id, {name}), variable(container.id, name));
    }
    readItems(nodes, container, other);
}

// The numbers of the containers that are read in it, by how their paths begin.
void collectRead(const Json& value, const std::unordered_map<std::string, std::size_t>& containers,
                 std::set<std::size_t>& out) {
    constexpr std::string_view kBegin = "nodes[", kEnd = "].output";
    constexpr std::size_t kMaxPath = 1'000;
    if (value.is_string()) {
        const std::string_view text = value.get_ref<const std::string&>();
        for (auto at = text.find(kBegin); at != std::string_view::npos; at = text.find(kBegin, at + 1)) {
            const auto path = text.substr(at, kMaxPath);
            const auto found = containers.find(std::string(path.substr(0, path.find(kEnd))));
            if (found != containers.end()) out.insert(found->second);
        }
    }
    if (!value.is_structured()) return;
    for (const auto& member : value) collectRead(member, containers, out);
}

}  // namespace

void replaceAll(Json& value, const std::string& from, const std::string& to) {
    if (value.is_string()) {
        auto& text = value.get_ref<std::string&>();
        auto at = text.find(from);
        if (at == std::string::npos) return;
        std::string out;
        std::size_t begin = 0;
        for (; at != std::string::npos; begin = at + from.size(), at = text.find(from, begin))
            out.append(text, begin, at - begin).append(to);
        text = out.append(text, begin);
    }
    if (!value.is_structured()) return;
    for (auto& member : value) replaceAll(member, from, to);
}

Counterpart difyIteration(const Json& data) {
    const auto items = difySelector(memberAt(data, "iterator_selector"));
    const auto result = difySelector(memberAt(data, "output_selector"));
    if (!items || !result) return none("what it repeats or gives has no counterpart here");
    const std::string mode = textAt(data, "error_handle_mode", "terminated");
    Counterpart out;
    out.type = "for_each";
    out.params = {{"items", *items},
                  {"result", *result},
                  {"concurrency", flagAt(data, "is_parallel") ? numberAt(data, "parallel_nums", 10) : 1},
                  {"on_item_error", mode == "continue-on-error"        ? "continue"
                                    : mode == "remove-abnormal-output" ? "collect"
                                                                       : "stop"}};
    out.ports = {{"*", "done"}};
    return out;
}

Counterpart difyLoop(const GraphNode& node) {
    const Json& data = node.data;
    Json variables = {{node.id + "." + kEnded, false}};
    for (const auto& one : memberAt(data, "loop_variables")) {
        const auto value =
            valueOf(memberAt(one, "value"), textAt(one, "value_type", "constant") != "variable",
                    textAt(one, "var_type"));
        if (!value) return none("a variable begins with something that has no counterpart here");
        variables[node.id + "." + textAt(one, "label")] = *value;
    }
    Counterpart out;
    out.type = "loop";
    std::string condition = "not " + variable(node.id, kEnded);
    if (const Json& breaks = memberAt(data, "break_conditions"); !breaks.empty()) {
        const auto ends = difyConditions(breaks, textAt(data, "logical_operator", "and"));
        if (!ends) return none("its condition compares something that has no counterpart here");
        condition += " and not (" + *ends + ")";
    }
    out.params = {{"while", condition},
                  {"max", numberAt(data, "loop_count", 10)},
                  {"at_max", "done"},
                  {"variables", std::move(variables)}};
    out.ports = {{"*", "done"}};
    return out;
}

Counterpart difyLoopEnd(const GraphNode& node) {
    const std::string loop = textAt(node.data, "loop_id", node.parent);
    Counterpart out;
    out.type = "set_variable";
    out.params["changes"] = Json::array({{{"name", loop + "." + kEnded}, {"value", true}}});
    return out;
}

Counterpart difyAssigner(const Json& data) {
    const char* const unclear = "it sets something that has no counterpart here";
    Counterpart out;
    out.type = "set_variable";
    out.params["changes"] = Json::array();
    Json items = memberAt(data, "items");
    if (!items.is_array()) {  // version 1 sets one variable
        items = Json::array({{{"variable_selector", memberAt(data, "assigned_variable_selector")},
                              {"operation", memberAt(data, "write_mode")},
                              {"input_type", "variable"},
                              {"value", memberAt(data, "input_variable_selector")}}});
    }
    for (const auto& item : items) {
        const auto name = targetOf(memberAt(item, "variable_selector"));
        const std::string operation = operationOf(textAt(item, "operation", "over-write"));
        if (!name || operation.empty()) return none(unclear);
        Json change = {{"name", *name}, {"operation", operation}};
        if (operation != "clear" && !operation.starts_with("remove")) {
            const auto value = valueOf(memberAt(item, "value"), textAt(item, "input_type") == "constant",
                                       isArithmetic(operation) ? "number" : "");
            if (!value) return none(unclear);
            change["value"] = *value;
        }
        out.params["changes"].push_back(std::move(change));
    }
    return out;
}

Counterpart difyListOperator(const Json& data) {
    const auto list = difySelector(memberAt(data, "variable"));
    const auto isOn = [&](const char* part) { return flagAt(memberAt(data, part), "enabled"); };
    if (!list || isOn("filter_by") || isOn("extract_by"))
        return none("only sorting and cutting lists has a counterpart here; use filter or set");
    std::string made = "(" + *list + " ?? [])";
    if (isOn("order_by")) {
        const Json& order = memberAt(data, "order_by");
        const std::string key = textAt(order, "key");
        made += key.empty() ? " | sort" : " | sort(" + literal(key) + ")";
        if (textAt(order, "value", "asc") == "desc") made += " | reverse";
    }
    if (isOn("limit")) {
        made += " | slice(0, " + std::to_string(numberAt(memberAt(data, "limit"), "size", 10)) + ")";
    }
    Counterpart out;
    out.type = "set";
    out.params = {{"fields",
                   {{"result", "{{ " + made + " }}"},
                    {"first_record", "{{ " + made + " | first }}"},
                    {"last_record", "{{ " + made + " | last }}"}}},
                  {"keep", false}};
    return out;
}

// Its first action approves, its second rejects.
Counterpart difyHumanInput(const Json& data) {
    const Json& actions = memberAt(data, "user_actions");
    if (!actions.is_array() || actions.empty() || actions.size() > 2)
        return none("only a choice between two actions has a counterpart here: wait_approval");
    Counterpart out;
    out.type = "wait_approval";
    out.params["title"] = textAt(data, "title", "Approve?").substr(0, 500);
    if (const std::string text = textAt(data, "form_content"); !text.empty())
        out.params["details"] = difyEscaped(text.substr(0, 8000));
    const std::int64_t unit = textAt(data, "timeout_unit", "hour") == "day" ? 86400 : 3600;
    if (const auto timeout = numberAt(data, "timeout"); timeout > 0) out.params["timeout_s"] = timeout * unit;
    out.ports = {{textAt(actions[0], "id"), "approved"}, {"__timeout", "timeout"}};
    if (actions.size() > 1) out.ports.emplace_back(textAt(actions[1], "id"), "rejected");
    return out;
}

Counterpart difySchedule(const Json& data) {
    const std::string cron = textAt(data, "cron_expression");
    if (textAt(data, "mode", "cron") != "cron" || cron.empty())
        return none("only a cron expression has a counterpart here: trigger.schedule");
    Counterpart out;
    out.type = "trigger.schedule";
    out.params = {{"cron", cron}, {"zone", textAt(data, "timezone", "UTC")}};
    out.ports = {{"*", "out"}};
    return out;
}

Json difyVariables(const Json& document) {
    Json out = Json::object();
    const Json& workflow = memberAt(document, "workflow");
    for (const auto& [list, scope] : {std::pair{"conversation_variables", "conversation"},
                                      std::pair{"environment_variables", "environment"}}) {
        for (const auto& one : memberAt(workflow, list)) {
            if (const std::string name = textAt(one, "name"); !name.empty())
                out[std::string(scope) + "." + name] = memberAt(one, "value");
        }
    }
    return out;
}

// Inside of a container its item, index and variables look like its outputs there.
void readContainers(Graph& graph) {
    NodesById nodes;
    std::unordered_map<std::string, std::size_t> containers;
    for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
        const GraphNode& node = graph.nodes[i];
        nodes.emplace(node.id, &node);
        if ((node.kind == "iteration" && node.type == "for_each") ||
            (node.kind == "loop" && node.type == "loop"))
            containers.emplace("nodes[" + literal(node.id), i);
    }
    if (containers.empty()) return;
    for (auto& other : graph.nodes) {
        std::set<std::size_t> read;
        collectRead(other.data, containers, read);
        for (const std::size_t at : read) readContainer(nodes, graph.nodes[at], other);
    }
}

}  // namespace signalbox::workflow

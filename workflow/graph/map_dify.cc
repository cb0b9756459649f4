// Dify (DSL 0.1 to 0.5): node.type is always "custom", the kind is data.type; a branch's sourceHandle is the
// case's id, "false" for none of them; values are named by selectors ["node id", "field", …].
#include <algorithm>
#include <cctype>

#include "workflow/graph/jinja_template.h"
#include "workflow/graph/map_dify.h"
#include "workflow/graph/python_expression.h"

namespace signalbox::workflow {
namespace {

Counterpart none(std::string reason) {
    Counterpart out;
    out.reason = std::move(reason);
    return out;
}

// `["conversation.topic"]["title"]`: variables of the run have one name.
std::string member(const std::string& scope, const std::vector<std::string>& path) {
    std::string out = "[" + literal(scope + "." + path.front()) + "]";
    for (std::size_t i = 1; i < path.size(); ++i) out += "[" + literal(path[i]) + "]";
    return out;
}

std::optional<std::string> selector(const std::vector<std::string>& path) {
    if (path.size() < 2) return std::nullopt;
    const std::vector<std::string> rest(path.begin() + 1, path.end());
    std::string members;
    for (const auto& member : rest) members += "[" + literal(member) + "]";
    if (path.front() == "sys") return "trigger" + members;
    // What the operator has set goes before what the export says.
    if (path.front() == "env") return "(env" + members + " ?? vars" + member("environment", rest) + ")";
    if (path.front() == "conversation") return "vars" + member("conversation", rest);
    std::vector<std::string> fields = rest;
    if (fields.front() == "status_code") fields.front() = "status";  // of http-request
    const std::string found = outputPath(path.front(), fields);
    // Behind fail-branch; code may have an output of that name, too.
    if (fields.front() == "error_message")
        return "(" + found + " ?? " + outputPath(path.front(), {"error", "message"}) + ")";
    if (fields.front() == "error_type")
        return "(" + found + " ?? " + outputPath(path.front(), {"error", "code"}) + ")";
    return found;
}

std::optional<std::string> selector(const Json& json) {
    std::vector<std::string> path;
    for (const auto& part : json) {
        if (!part.is_string()) return std::nullopt;
        path.push_back(part.get<std::string>());
    }
    return selector(path);
}

std::vector<std::string> split(const std::string& text, char separator) {
    std::vector<std::string> parts{""};
    for (const char c : text) {
        if (c == separator) {
            parts.emplace_back();
        } else {
            parts.back() += c;
        }
    }
    return parts;
}

// Text with {{#node.field#}} in it, as parts: literal, expression, literal …; nothing when a reference has no
// counterpart.
struct Part {
    std::string text;
    bool is_expression = false;
};
std::optional<std::vector<Part>> partsOf(const std::string& text) {
    std::vector<Part> parts;
    std::size_t at = 0;
    while (at < text.size()) {
        const auto open = text.find("{{#", at);
        const auto close = open == std::string::npos ? open : text.find("#}}", open);
        if (close == std::string::npos) break;
        if (open > at) parts.push_back({text.substr(at, open - at), false});
        auto path = selector(split(text.substr(open + 3, close - open - 3), '.'));
        if (!path) return std::nullopt;
        parts.push_back({std::move(*path), true});
        at = close + 3;
    }
    if (at < text.size()) parts.push_back({text.substr(at), false});
    return parts;
}

// A single expression would keep its kind; there it is always text.
std::string asText(std::size_t parts, const std::string& expression) {
    return parts == 1 ? "text(" + expression + ")" : expression;
}

std::string escaped(const std::string& text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text.compare(i, 2, "{{") == 0) out += '\\';
        out += text[i];
        if (text.compare(i, 2, "{{") == 0) out += text[++i];
    }
    return out;
}

std::optional<std::string> templateOf(const std::string& text) {
    const auto parts = partsOf(text);
    if (!parts) return std::nullopt;
    std::string out;
    for (const auto& part : *parts)
        out += part.is_expression ? "{{ " + asText(parts->size(), part.text) + " }}" : escaped(part.text);
    return out;
}

// A condition's value as an expression.
std::optional<std::string> valueOf(const Json& value) {
    if (!value.is_string()) return dumpJson(value);
    const auto parts = partsOf(value.get<std::string>());
    if (!parts) return std::nullopt;
    if (parts->empty()) return literal("");
    std::string out;
    for (const auto& part : *parts)
        out += (out.empty() ? "" : " ~ ") + (part.is_expression ? part.text : literal(part.text));
    return "(" + out + ")";
}

// Each of a list's values stands in another list.
std::optional<std::string> allOf(const std::string& list, const Json& values) {
    if (!values.is_array()) return std::nullopt;
    std::string out;
    for (const auto& value : values) {
        const auto one = valueOf(value);
        if (!one) return std::nullopt;
        out += (out.empty() ? "" : " and ") + list + " contains " + *one;
    }
    return out.empty() ? std::optional<std::string>("true") : out;
}

std::optional<std::string> comparison(const Json& condition) {
    const auto left = selector(memberAt(condition, "variable_selector"));
    const auto right = valueOf(memberAt(condition, "value"));
    // Conditions about the parts of files have none.
    if (!left || !right || memberAt(condition, "sub_variable_condition").is_object()) return std::nullopt;
    const std::string op = textAt(condition, "comparison_operator");
    if (op == "all of") return allOf(*left, memberAt(condition, "value"));
    const std::string text = "text(" + *left + " ?? '')";
    const bool is_list = textAt(condition, "varType").starts_with("array");
    const std::string whole = is_list ? *left : text;
    const std::string nothing =
        "(" + *left + " == null or " + *left + " == '' or " + *left + " == [] or " + *left + " == {})";
    if (op == "contains") return whole + " contains " + *right;
    if (op == "not contains") return whole + " not contains " + *right;
    if (op == "start with") return text + " starts_with " + *right;
    if (op == "end with") return text + " ends_with " + *right;
    if (op == "is") return text + " == text(" + *right + " ?? '')";
    if (op == "is not") return text + " != text(" + *right + " ?? '')";
    if (op == "empty") return nothing;
    if (op == "not empty") return "not " + nothing;
    if (op == "null" || op == "not exists") return *left + " == null";
    if (op == "not null" || op == "exists") return *left + " != null";
    if (op == "in") return *left + " in " + *right;
    if (op == "not in") return *left + " not in " + *right;
    const std::pair<const char*, const char*> orders[] = {{"=", "=="},  {"≠", "!="}, {">", ">"},
                                                          {"<", "<"},   {"≥", ">="}, {"≤", "<="},
                                                          {">=", ">="}, {"<=", "<="}};
    for (const auto& [theirs, ours] : orders) {
        if (op == theirs) return "number(" + *left + ") " + ours + " number(" + *right + ")";
    }
    return std::nullopt;
}

std::optional<std::string> conditionOf(const Json& conditions, const std::string& logic) {
    std::string out;
    for (const auto& condition : conditions) {
        const auto one = comparison(condition);
        if (!one) return std::nullopt;
        out += (out.empty() ? "(" : logic == "or" ? " or (" : " and (") + *one + ")";
    }
    if (out.empty()) return std::nullopt;
    return out;
}

Counterpart ifElse(const Json& data) {
    const char* const unclear = "a condition compares something that has no counterpart here";
    const Json& cases = memberAt(data, "cases");
    Counterpart out;
    if (cases.size() <= 1) {
        const Json& one = cases.is_array() && !cases.empty() ? cases.front() : data;
        const auto condition =
            conditionOf(memberAt(one, "conditions"), textAt(one, "logical_operator", "and"));
        if (!condition) return none(unclear);
        out.type = "if";
        out.params["condition"] = *condition;
        const std::string id = textAt(one, "case_id", textAt(one, "id", "true"));
        out.ports = {{"false", "false"}, {id, "true"}};
        return out;
    }
    out.type = "switch";
    out.params["cases"] = Json::array();
    for (const auto& one : cases) {
        const auto condition =
            conditionOf(memberAt(one, "conditions"), textAt(one, "logical_operator", "and"));
        if (!condition) return none(unclear);
        out.params["cases"].push_back(
            {{"id", textAt(one, "case_id", textAt(one, "id"))}, {"when", *condition}});
    }
    out.ports = {{"false", "else"}};
    return out;
}

Counterpart fieldsFrom(const Json& outputs, const char* selector_key) {
    Counterpart out;
    out.type = "set";
    out.params = {{"fields", Json::object()}, {"keep", false}};
    for (const auto& one : outputs) {
        const auto path = selector(memberAt(one, selector_key));
        if (!path) return none("an output is read from something that has no counterpart here");
        out.params["fields"][textAt(one, "variable")] = "{{ " + *path + " }}";
    }
    return out;
}

Counterpart answer(const Json& data) {
    const auto text = templateOf(textAt(data, "answer"));
    if (!text) return none("the answer reads something that has no counterpart here");
    Counterpart out;
    out.type = "set";
    out.params = {{"fields", {{"answer", *text}}}, {"keep", false}};
    return out;
}

std::optional<std::string> firstOf(const Json& selectors) {
    std::string out;
    for (const auto& one : selectors) {
        const auto path = selector(one);
        if (!path) return std::nullopt;
        out += (out.empty() ? "" : " ?? ") + *path;
    }
    if (out.empty()) return std::nullopt;
    return "{{ " + out + " }}";
}

Counterpart aggregator(const Json& data) {
    const char* const unclear = "a variable has no counterpart here";
    Counterpart out;
    out.type = "set";
    out.params = {{"fields", Json::object()}, {"keep", false}};
    const Json& advanced = memberAt(data, "advanced_settings");
    if (!flagAt(advanced, "group_enabled")) {
        const auto first = firstOf(memberAt(data, "variables"));
        if (!first) return none(unclear);
        out.params["fields"]["output"] = *first;
        return out;
    }
    for (const auto& group : memberAt(advanced, "groups")) {
        const auto first = firstOf(memberAt(group, "variables"));
        if (!first) return none(unclear);
        out.params["fields"][textAt(group, "group_name")] = {{"output", *first}};
    }
    return out;
}

Counterpart templateTransform(const Json& data) {
    std::map<std::string, PythonValue> names;
    for (const auto& variable : memberAt(data, "variables")) {
        const auto path = selector(memberAt(variable, "value_selector"));
        if (path) names[textAt(variable, "variable")] = {*path, PythonValue::Kind::Unknown, {}};
    }
    const auto made = readJinja(textAt(data, "template"), names);
    if (!made)
        return none("its Jinja does more than put values in (" + made.error().message +
                    "); write it as a lua node");
    Counterpart out;
    out.type = "set";
    out.params = {{"fields", {{"output", *made}}}, {"keep", false}};
    return out;
}

// "name:value" lines.
std::optional<Json> linesOf(const std::string& text) {
    Json out = Json::object();
    for (const auto& line : split(text, '\n')) {
        const auto colon = line.find(':');
        if (colon == std::string::npos) continue;
        const auto value =
            templateOf(line.substr(line.find_first_not_of(" \t", colon + 1) == std::string::npos
                                       ? line.size()
                                       : line.find_first_not_of(" \t", colon + 1)));
        if (!value) return std::nullopt;
        out[line.substr(0, colon)] = *value;
    }
    return out;
}

// Its key becomes a header; lint says that a credential is the better place.
bool authorize(const Json& authorization, Json& params) {
    const Json& config = memberAt(authorization, "config");
    const auto key = templateOf(textAt(config, "api_key"));
    if (textAt(authorization, "type", "no-auth") == "no-auth") return true;
    if (!key) return false;
    const std::string kind = textAt(config, "type", "basic");
    const std::string header = kind == "custom" ? textAt(config, "header") : "Authorization";
    if (header.empty()) return false;
    params["headers"][header] = (kind == "bearer" ? "Bearer " : kind == "basic" ? "Basic " : "") + *key;
    return true;
}

Counterpart httpRequest(const Json& data) {
    const char* const unclear = "a part of the request has no counterpart here";
    Counterpart out;
    out.type = "http_request";
    const auto url = templateOf(textAt(data, "url"));
    const auto headers = linesOf(textAt(data, "headers"));
    const auto query = linesOf(textAt(data, "params"));
    if (!url || !headers || !query) return none(unclear);
    std::string method = textAt(data, "method", "get");
    for (char& c : method) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    out.params = {{"method", method}, {"url", *url}};
    if (!headers->empty()) out.params["headers"] = *headers;
    if (!query->empty()) out.params["query"] = *query;
    if (data.contains("account")) out.params["account"] = data["account"];
    if (!authorize(memberAt(data, "authorization"), out.params)) return none(unclear);
    const Json& retry = memberAt(data, "retry_config");
    const bool is_retried = flagAt(retry, "retry_enabled", flagAt(retry, "enabled"));
    if (is_retried) {
        out.params["retry"] = {
            {"attempts", std::clamp<std::int64_t>(numberAt(retry, "max_retries", 1), 0, 100) + 1},
            {"first_wait_s", static_cast<double>(numberAt(retry, "retry_interval", 1000)) / 1000.0},
            {"factor", 1},
            {"on", {"any"}}};
    }
    // An answer is one there, whatever its status, unless somebody sees to errors.
    out.params["fail_on_status"] = is_retried || !textAt(data, "error_strategy").empty();
    const Json& body = memberAt(data, "body");
    const std::string kind = textAt(body, "type", "none");
    if (kind == "none") return out;
    const Json& parts = memberAt(body, "data");
    if (kind == "json" || kind == "raw-text") {
        const Json& first = parts.is_array() && !parts.empty() ? memberAt(parts.front(), "value") : parts;
        const auto text = first.is_string() ? templateOf(first.get<std::string>()) : std::nullopt;
        if (!text) return none(unclear);
        out.params["body"] = *text;
        return out;
    }
    if (kind != "x-www-form-urlencoded") return none("a body of type " + kind + " has no counterpart here");
    auto form = parts.is_string() ? linesOf(parts.get<std::string>()) : Json::object();
    for (const auto& part : parts.is_array() ? parts : Json::array()) {
        const auto value = templateOf(textAt(part, "value"));
        if (!value || !form) return none(unclear);
        (*form)[textAt(part, "key")] = *value;
    }
    if (!form) return none(unclear);
    out.params["form"] = *form;
    return out;
}

PythonValue::Kind kindOf(const std::string& type) {
    if (type == "number") return PythonValue::Kind::Number;
    if (type == "string") return PythonValue::Kind::Text;
    return type.starts_with("array") ? PythonValue::Kind::List : PythonValue::Kind::Unknown;
}
// Of `a + b` inside a list: what the list is declared to hold.
PythonValue::Kind hintOf(const std::string& type) {
    if (type.starts_with("array[number")) return PythonValue::Kind::Number;
    return type.starts_with("array[string") ? PythonValue::Kind::Text : kindOf(type);
}

// Python that only computes becomes expressions.
Counterpart code(const Json& data) {
    const std::string language = textAt(data, "code_language", "python3");
    if (!language.starts_with("python"))
        return none("its " + language + " does not run here; write it as a lua node");
    const std::string text = textAt(data, "code");
    PythonFunction function{text, {}, {}};
    for (const auto& one : memberAt(data, "variables")) {
        const auto path = selector(memberAt(one, "value_selector"));
        if (!path) return none("a variable has no counterpart here");
        function.arguments[textAt(one, "variable")] = {*path, kindOf(textAt(one, "value_type")), {}};
    }
    const Json& outputs = memberAt(data, "outputs");
    for (auto at = outputs.begin(); outputs.is_object() && at != outputs.end(); ++at)
        function.results[at.key()] = hintOf(textAt(*at, "type"));
    const auto members = readPython(function);
    if (!members)
        return none("its Python does more than compute (" + members.error().message +
                    "); write it as a lua node");
    Counterpart out;
    out.type = "set";
    out.params = {{"fields", Json::object()}, {"keep", false}};
    for (const auto& [name, value] : *members) out.params["fields"][name] = "{{ " + value.text + " }}";
    return out;
}

}  // namespace

std::optional<std::string> difySelector(const Json& json) {
    return selector(json);
}
std::string difyEscaped(const std::string& text) {
    return escaped(text);
}
std::optional<std::string> difyConditions(const Json& conditions, const std::string& logic) {
    return conditionOf(conditions, logic);
}

Counterpart difyCounterpart(const GraphNode& node) {
    const std::string& kind = node.kind;
    if (kind == "start") return {"trigger.manual", Json::object(), {{"*", "out"}}, ""};
    if (kind == "end") return fieldsFrom(memberAt(node.data, "outputs"), "value_selector");
    if (kind == "answer") return answer(node.data);
    if (kind == "if-else") return ifElse(node.data);
    if (kind == "variable-aggregator" || kind == "variable-assigner") return aggregator(node.data);
    if (kind == "template-transform") return templateTransform(node.data);
    if (kind == "http-request") return httpRequest(node.data);
    if (kind == "iteration") return difyIteration(node.data);
    if (kind == "loop") return difyLoop(node);
    if (kind == "loop-end") return difyLoopEnd(node);
    if (kind == "assigner") return difyAssigner(node.data);
    if (kind == "list-operator") return difyListOperator(node.data);
    if (kind == "human-input") return difyHumanInput(node.data);
    if (kind == "trigger-schedule") return difySchedule(node.data);
    if (kind == "code") return code(node.data);
    if (kind == "llm" || kind == "agent" || kind == "question-classifier" || kind == "parameter-extractor")
        return none("asks a language model; use a node of ours that asks one, or http_request");
    return none("has no counterpart here; replace it by a node of ours (lua, http_request …)");
}

}  // namespace signalbox::workflow

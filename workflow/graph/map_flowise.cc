// Flowise. Agentflow v2: data.name is the kind, settings are in data.inputs, the n-th output of a node is the
// handle "<node id>-output-<n>", and the output behind the last condition is "else". Chatflows wire parts of
// LangChain together; nothing of them is a step.
#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <unordered_map>

#include "workflow/graph/foreign.h"

namespace signalbox::workflow {
namespace {

constexpr std::size_t kMaxTarget = 1'000;  // an id and a label

Counterpart none(std::string reason) {
    Counterpart out;
    out.reason = std::move(reason);
    return out;
}

std::string withoutEntities(const std::string& text) {
    static constexpr std::pair<std::string_view, std::string_view> kEntities[] = {
        {"&lt;", "<"}, {"&gt;", ">"}, {"&quot;", "\""}, {"&#39;", "'"}, {"&nbsp;", " "}, {"&amp;", "&"}};
    std::string out;
    std::size_t begin = 0;
    for (auto at = text.find('&'); at != std::string::npos; at = text.find('&', begin)) {
        out.append(text, begin, at - begin);
        begin = at;
        for (const auto& [entity, meant] : kEntities) {
            if (text.compare(at, entity.size(), entity) != 0) continue;
            out += meant;
            begin = at + entity.size();
            break;
        }
        if (begin == at) out += text[begin++];
    }
    return out.append(text, begin);
}

// Its fields hold what a rich-text editor made: paragraphs, breaks, spans around variables.
std::string withoutMarkup(const std::string& html) {
    std::string out;
    bool is_tag = false;
    for (std::size_t i = 0; i < html.size(); ++i) {
        const bool opens = html[i] == '<' && i + 1 < html.size() &&
                           (std::isalpha(static_cast<unsigned char>(html[i + 1])) != 0 || html[i + 1] == '/');
        if (opens) is_tag = true;
        if (opens && html.compare(i, 4, "</p>") == 0) out += "\n\n";
        if (opens && html.compare(i, 3, "<br") == 0) out += '\n';
        if (!is_tag) out += html[i];
        if (is_tag && html[i] == '>') is_tag = false;
    }
    const auto first = out.find_first_not_of(" \t\r\n");
    if (first == std::string::npos) return "";
    return withoutEntities(out.substr(first, out.find_last_not_of(" \t\r\n") - first + 1));
}

// question, current_date_time, $form.name, $flow.state.name, node_0, node_0.output.content; others have no
// counterpart.
std::optional<std::string> variable(std::string name) {
    std::erase_if(name, [](unsigned char c) { return std::isspace(c) != 0; });
    if (name == "question") return "trigger.question";
    if (name == "current_date_time") return "run.now";
    if (name == "$iteration") return "loop.item";
    if (name.starts_with("$iteration.")) return "loop.item[" + literal(name.substr(11)) + "]";
    if (name.starts_with("$flow.state.")) return "vars[" + literal("state." + name.substr(12)) + "]";
    if (name.starts_with("$form.")) return "trigger[" + literal(name.substr(6)) + "]";
    const auto dot = name.find('.');
    const std::string node = name.substr(0, dot);
    if (node.find("Agentflow_") == std::string::npos) return std::nullopt;
    std::vector<std::string> members;
    if (dot != std::string::npos) {
        std::string rest = name.substr(dot + 1);
        if (rest.starts_with("output.")) rest = rest.substr(7);
        members.push_back(rest);
    }
    return outputPath(node, members);
}

struct Value {
    std::string as_template, as_expression;
};
std::optional<Value> valueOf(const Json& json) {
    if (!json.is_string()) return Value{json.is_null() ? "" : dumpJson(json), dumpJson(json)};
    const std::string text = withoutMarkup(json.get<std::string>());
    Value out;
    std::size_t at = 0;
    const auto add = [&](const std::string& expression) {
        out.as_expression += (out.as_expression.empty() ? "" : " ~ ") + expression;
    };
    for (auto open = text.find("{{"); open != std::string::npos; open = text.find("{{", at)) {
        const auto close = text.find("}}", open);
        if (close == std::string::npos) return std::nullopt;
        const auto path = variable(text.substr(open + 2, close - open - 2));
        if (!path) return std::nullopt;
        if (open > at) add(literal(text.substr(at, open - at)));
        add(*path);
        out.as_template += text.substr(at, open - at) + "{{ " + *path + " }}";
        at = close + 2;
    }
    if (at < text.size() || out.as_expression.empty()) add(literal(text.substr(at)));
    out.as_template += text.substr(at);
    out.as_expression = "(" + out.as_expression + ")";
    return out;
}

std::optional<std::string> comparison(const Json& condition) {
    const auto left = valueOf(memberAt(condition, "value1"));
    const auto right = valueOf(memberAt(condition, "value2"));
    if (!left || !right) return std::nullopt;
    const std::string type = textAt(condition, "type", "string");
    const std::string op = textAt(condition, "operation");
    const std::string& a = left->as_expression;
    const std::string& b = right->as_expression;
    if (op == "isEmpty") return "text(" + a + " ?? '') == ''";
    if (op == "notEmpty") return "text(" + a + " ?? '') != ''";
    const std::string as = type == "number" ? "number" : "text";
    const auto both = [&](const std::string& sign) {
        const std::string fallback = type == "number" ? "" : " ?? ''";
        return as + "(" + a + fallback + ") " + sign + " " + as + "(" + b + fallback + ")";
    };
    const std::pair<const char*, const char*> orders[] = {{"equal", "=="},
                                                          {"notEqual", "!="},
                                                          {"smaller", "<"},
                                                          {"smallerEqual", "<="},
                                                          {"larger", ">"},
                                                          {"largerEqual", ">="},
                                                          {"contains", "contains"},
                                                          {"notContains", "not contains"},
                                                          {"startsWith", "starts_with"},
                                                          {"endsWith", "ends_with"},
                                                          {"regex", "matches"}};
    for (const auto& [theirs, ours] : orders) {
        if (op == theirs) return both(ours);
    }
    return std::nullopt;
}

Counterpart condition(const Json& inputs) {
    Counterpart out;
    out.type = "switch";
    out.params["cases"] = Json::array();
    std::size_t index = 0;
    for (const auto& one : memberAt(inputs, "conditions")) {
        const auto when = comparison(one);
        if (!when) return none("a condition compares something that has no counterpart here");
        out.params["cases"].push_back({{"id", std::to_string(index++)}, {"when", *when}});
    }
    out.ports = {{std::to_string(index), "else"}};
    return out;
}

Counterpart iteration(const Json& inputs) {
    const auto items = valueOf(memberAt(inputs, "iterationInput"));
    if (!items) return none("what it repeats has no counterpart here");
    Counterpart out;
    out.type = "for_each";
    // A list, or the text of one.
    out.params = {{"items", items->as_expression + " | text | parse_json"}};
    out.ports = {{"*", "done"}};
    return out;
}

Json pairsOf(const Json& list) {
    Json out = Json::object();
    for (const auto& one : list) {
        const auto value = valueOf(memberAt(one, "value"));
        if (value && !textAt(one, "key").empty()) out[textAt(one, "key")] = value->as_template;
    }
    return out;
}

Counterpart httpRequest(const Json& data) {
    const Json& inputs = memberAt(data, "inputs");
    const auto url = valueOf(memberAt(inputs, "url"));
    const auto body = valueOf(memberAt(inputs, "body"));
    if (!url || !body) return none("a part of the request has no counterpart here");
    Counterpart out;
    out.type = "http_request";
    out.params = {{"method", textAt(inputs, "method", "GET")}, {"url", url->as_template}};
    if (Json headers = pairsOf(memberAt(inputs, "headers")); !headers.empty())
        out.params["headers"] = headers;
    if (Json query = pairsOf(memberAt(inputs, "queryParams")); !query.empty()) out.params["query"] = query;
    if (!body->as_template.empty()) out.params["body"] = body->as_template;
    if (data.contains("account")) out.params["account"] = data["account"];
    out.ports = {{"*", "out"}};
    return out;
}

Counterpart directReply(const Json& inputs) {
    const auto text = valueOf(memberAt(inputs, "directReplyMessage"));
    if (!text) return none("the reply reads something that has no counterpart here");
    Counterpart out;
    out.type = "set";
    out.params = {{"fields", {{"answer", text->as_template}}}, {"keep", false}};
    out.ports = {{"*", "out"}};
    return out;
}

// Output 0 proceeds, output 1 rejects.
Counterpart humanInput(const Json& inputs) {
    const auto text = valueOf(memberAt(inputs, "humanInputDescription"));
    if (textAt(inputs, "humanInputDescriptionType", "fixed") != "fixed" || !text)
        return none("a language model writes its question; use wait_approval with one of your own");
    Counterpart out;
    out.type = "wait_approval";
    out.params["title"] = text->as_template.empty() ? "Proceed?" : text->as_template.substr(0, 500);
    out.ports = {{"0", "approved"}, {"1", "rejected"}};
    return out;
}

// The flow that it calls is the workflow of that name, once somebody has brought it along.
Counterpart executeFlow(const Json& inputs) {
    const auto question = valueOf(memberAt(inputs, "executeFlowInput"));
    const std::string flow = textAt(inputs, "executeFlowSelectedFlow");
    if (flow.empty() || !question)
        return none("names no flow, or gives it something that has no counterpart");
    Counterpart out;
    out.type = "sub_workflow";
    out.params = {{"workflow", flow}, {"input", {{"question", question->as_template}}}};
    out.ports = {{"*", "out"}};
    return out;
}

// [{key, value}] as changes of the flow's state.
std::optional<Json> stateChanges(const Json& list) {
    Json out = Json::array();
    for (const auto& one : list) {
        const auto value = valueOf(memberAt(one, "value"));
        if (!value) return std::nullopt;
        out.push_back({{"name", "state." + textAt(one, "key")}, {"value", value->as_template}});
    }
    return out;
}

}  // namespace

// The state that the start node brings.
Json flowiseVariables(const Json& nodes) {
    Json out = Json::object();
    for (const auto& node : nodes) {
        for (const auto& one : memberAt(memberAt(memberAt(node, "data"), "inputs"), "startState")) {
            if (const std::string key = textAt(one, "key"); !key.empty())
                out["state." + key] = memberAt(one, "value");
        }
    }
    return out;
}

namespace {

std::int64_t mostRuns(const Json& inputs) {
    const Json& most = memberAt(inputs, "maxLoopCount");
    const std::int64_t count = most.is_string()
                                   ? std::strtoll(textAt(inputs, "maxLoopCount").c_str(), nullptr, 10)
                                   : numberAt(inputs, "maxLoopCount", 5);
    return std::clamp<std::int64_t>(count, 1, 1000);
}

struct LoopEnd {
    std::vector<GraphNode> nodes;
    std::vector<GraphEdge> edges;
};
// Back to the target, so that it is run `most` times; then the message, and the flow goes well.
void goBack(const GraphNode& loop, const std::string& target, std::int64_t most, const std::string& message,
            LoopEnd& out) {
    const auto node = [&](const char* suffix, const char* type, Json data) {
        GraphNode made;
        made.id = loop.id + suffix;
        made.type = type;
        made.parent = loop.parent;
        made.index = loop.index;
        made.data = std::move(data);
        out.nodes.push_back(std::move(made));
    };
    const auto edge = [&](const std::string& source, const char* handle, const std::string& to) {
        GraphEdge made;
        made.id = source + ">" + to;
        made.source = source;
        made.source_handle = handle;
        made.target = to;
        out.edges.push_back(std::move(made));
    };
    node(":again", "if", {{"condition", "loop.index + 1 < " + std::to_string(most)}});
    node(":end", "set", {{"fields", {{"answer", message}}}, {"keep", false}});
    edge(loop.id, "", loop.id + ":again");
    edge(loop.id + ":again", "true", target);
    edge(loop.id + ":again", "false", loop.id + ":end");
}

}  // namespace

// The loop node has no edge: it names the node that is run again, and how often at most.
void addLoopEdges(Graph& graph) {
    LoopEnd made;
    std::unordered_map<std::string_view, GraphNode*> nodes;
    for (auto& node : graph.nodes) nodes.emplace(node.id, &node);
    for (auto& node : graph.nodes) {
        if (node.kind != "loopAgentflow") continue;
        const Json& inputs = memberAt(node.original, "inputs");
        const std::string back = textAt(inputs, "loopBackToNode");  // "<id>-<label>"
        GraphNode* target = nullptr;
        // The longest id that it may begin with.
        for (auto end = back.size() > kMaxTarget ? 0 : back.size();
             target == nullptr && end != std::string::npos && end > 0; end = back.rfind('-', end - 1)) {
            const auto found = nodes.find(std::string_view(back).substr(0, end));
            if (found != nodes.end()) target = found->second;
        }
        if (target == nullptr || target == &node) {
            node.reason = "names no node to go back to";
            continue;
        }
        const std::int64_t most = mostRuns(inputs);
        node.type = "set";
        node.reason.clear();
        node.data = {{"fields", Json::object()}};
        if (const Json& state = memberAt(inputs, "loopUpdateState"); state.is_array() && !state.empty()) {
            const auto changes = stateChanges(state);
            node.type = changes ? "set_variable" : "flowise.loopAgentflow";
            if (!changes) node.reason = "it sets the state to something that has no counterpart here";
            if (changes) node.data = {{"changes", *changes}};
        }
        target->data["max_iterations"] = std::max(most, numberAt(target->data, "max_iterations"));
        const auto said = valueOf(memberAt(inputs, "fallbackMessage"));
        const bool is_said = said && !said->as_template.empty();
        goBack(node, target->id, most,
               is_said
                   ? said->as_template
                   : "Loop completed after reaching maximum iteration count of " + std::to_string(most) + ".",
               made);
    }
    for (auto& edge : made.edges) {
        edge.index = graph.edges.size();
        graph.edges.push_back(std::move(edge));
    }
    graph.nodes.insert(graph.nodes.end(), made.nodes.begin(), made.nodes.end());
}

Counterpart flowiseCounterpart(const GraphNode& node) {
    const std::string& kind = node.kind;
    const Json& inputs = memberAt(node.data, "inputs");
    if (kind == "startAgentflow") return {"trigger.manual", Json::object(), {{"*", "out"}}, ""};
    if (kind == "conditionAgentflow") return condition(inputs);
    if (kind == "iterationAgentflow") return iteration(inputs);
    if (kind == "httpAgentflow") return httpRequest(node.data);
    if (kind == "directReplyAgentflow") return directReply(inputs);
    if (kind == "customFunctionAgentflow")
        return none("its JavaScript does not run here; write it as a lua node");
    if (kind == "humanInputAgentflow") return humanInput(inputs);
    if (kind == "executeFlowAgentflow") return executeFlow(inputs);
    if (!kind.ends_with("Agentflow"))
        return none("is a part of a LangChain chain, not a step; nothing here runs such chains");
    return none("has no counterpart here; replace it by a node of ours (lua, http_request …)");
}

}  // namespace signalbox::workflow

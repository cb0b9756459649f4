// Langflow: node.type is "genericNode", the kind is data.type, settings are data.node.template.<field>.value,
// and a handle is JSON with œ for quotes whose `name` is the output.
#include "workflow/graph/foreign.h"

namespace signalbox::workflow {
namespace {

constexpr std::string_view kQuote = "œ";
constexpr const char* kText = "(item.input_value ?? item.message ?? item.text ?? item)";

Counterpart none(std::string reason) {
    Counterpart out;
    out.reason = std::move(reason);
    return out;
}

const Json& setting(const Json& data, const char* field) {
    return memberAt(memberAt(memberAt(memberAt(data, "node"), "template"), field), "value");
}

// If-Else: compares the text that comes in with one that stands in the node.
Counterpart router(const Json& data) {
    const std::pair<const char*, const char*> orders[] = {{"equals", "=="},
                                                          {"not equals", "!="},
                                                          {"contains", "contains"},
                                                          {"starts with", "starts_with"},
                                                          {"ends with", "ends_with"},
                                                          {"regex", "matches"},
                                                          {"matches regex", "matches"}};
    const Json& match = setting(data, "match_text");
    const Json& op = setting(data, "operator");
    for (const auto& [theirs, ours] : orders) {
        if (!op.is_string() || op != theirs || !match.is_string()) continue;
        const bool is_exact =
            flagAt(memberAt(memberAt(memberAt(data, "node"), "template"), "case_sensitive"), "value") ||
            std::string_view(ours) == "matches";
        const std::string fold = is_exact ? "" : " | lower";
        Counterpart out;
        out.type = "if";
        out.params["condition"] = "(text(" + std::string(kText) + ")" + fold + ") " + ours + " (" +
                                  literal(match.get<std::string>()) + fold + ")";
        out.ports = {{"true_result", "true"}, {"false_result", "false"}};
        return out;
    }
    return none("compares in a way that has no counterpart here");
}

Counterpart apiRequest(const Json& data) {
    const Json& several = setting(data, "urls");
    const Json& one =
        several.is_array() && several.size() == 1 ? several.front() : setting(data, "url_input");
    const std::string url = one.is_string() ? one.get<std::string>() : "";
    if (url.empty()) return none("calls several addresses, or one that another node gives");
    Counterpart out;
    out.type = "http_request";
    out.params = {{"method", setting(data, "method").is_string() ? setting(data, "method") : Json("GET")},
                  {"url", url}};
    if (data.contains("account")) out.params["account"] = data["account"];
    out.ports = {{"*", "out"}};
    return out;
}

}  // namespace

Json langflowHandle(const std::string& handle) {
    if (handle.find(kQuote) == std::string::npos) return nullptr;
    std::string text;
    for (std::size_t at = 0; at < handle.size();) {
        if (handle.compare(at, kQuote.size(), kQuote) == 0) {
            text += '"';
            at += kQuote.size();
        } else {
            text += handle[at++];
        }
    }
    auto json = parseJson(text);
    return json ? std::move(*json) : Json(nullptr);
}

Counterpart langflowCounterpart(const GraphNode& node) {
    const std::string& kind = node.kind;
    if (kind == "ChatInput" || kind == "TextInput" || kind == "WebhookComponent" || kind == "Webhook")
        return {"trigger.manual", Json::object(), {{"*", "out"}}, ""};
    if (kind == "ChatOutput" || kind == "TextOutput")
        return {"set", {{"fields", Json::object()}}, {{"*", "out"}}, ""};
    if (kind == "ConditionalRouter") return router(node.data);
    if (kind == "APIRequest") return apiRequest(node.data);
    if (kind == "CustomComponent") return none("its Python does not run here; write it as a lua node");
    // Its edge back is a real one, from the last node to the output "item".
    if (kind == "LoopComponent")
        return {"for_each", {{"items", "item.data ?? item"}}, {{"item", "each"}, {"done", "done"}}, ""};
    return none("has no counterpart here; replace it by a node of ours (lua, http_request …)");
}

}  // namespace signalbox::workflow

#include <deque>

#include "workflow/graph/graph.h"

namespace signalbox::workflow {
namespace {

constexpr int kMaxWrappers = 4;

bool isGraph(const Json& value) {
    if (!value.is_object()) return false;
    const Json& nodes = memberAt(value, "nodes");
    const Json& edges = memberAt(value, "edges");
    if (!nodes.is_array() || !(edges.is_array() || edges.is_null())) return false;
    return nodes.empty() || nodes.front().is_object();
}

// Flowise keeps the graph as JSON inside a string.
bool looksLikeJson(const Json& value) {
    if (!value.is_string()) return false;
    const auto& text = value.get_ref<const std::string&>();
    const auto first = text.find_first_not_of(" \t\r\n");
    return first != std::string::npos && text[first] == '{' && text.find("\"nodes\"") != std::string::npos;
}

}  // namespace

const Json* findGraph(const Json& document, Json& holder) {
    holder = Json::array();
    // References into the holder must stay; it never grows beyond its wrappers.
    std::deque<std::pair<const Json*, int>> open{{&document, 0}};
    while (!open.empty()) {
        const auto [value, depth] = open.front();
        open.pop_front();
        if (isGraph(*value)) return value;
        if (depth >= kMaxWrappers) continue;
        if (looksLikeJson(*value) && holder.empty()) {
            auto inner = parseJson(value->get_ref<const std::string&>(), kGraphLimits);
            if (!inner) continue;
            holder.push_back(std::move(*inner));
            open.emplace_back(&holder.back(), depth + 1);
        }
        if (!value->is_object()) continue;
        for (const auto& member : *value) {
            if (member.is_object() || looksLikeJson(member)) open.emplace_back(&member, depth + 1);
        }
    }
    return nullptr;
}

}  // namespace signalbox::workflow

// Writes React Flow exports for tests in one line: nodes as {"id": {"type": …, params}}, edges as "a>b
// i:true>c".
#pragma once

#include <sstream>
#include <string>

#include "base/json.h"

namespace signalbox::workflow {

inline std::string flowText(const std::string& nodes, const std::string& edges) {
    Json out = {{"nodes", Json::array()}, {"edges", Json::array()}};
    const auto parsed = nlohmann::ordered_json::parse("{" + nodes + "}");
    for (const auto& [id, node] : parsed.items()) {
        Json data = Json::parse(node.dump());
        const std::string type = data["type"];
        data.erase("type");
        out["nodes"].push_back({{"id", id}, {"type", type}, {"data", std::move(data)}});
    }
    std::istringstream words(edges);
    for (std::string word; words >> word;) {
        const auto arrow = word.find('>');
        const auto colon = word.find(':');
        const bool has_handle = colon < arrow;
        Json edge = {{"id", word},
                     {"source", word.substr(0, std::min(arrow, colon))},
                     {"target", word.substr(arrow + 1)}};
        if (has_handle) edge["sourceHandle"] = word.substr(colon + 1, arrow - colon - 1);
        out["edges"].push_back(std::move(edge));
    }
    return dumpJson(out);
}

}  // namespace signalbox::workflow

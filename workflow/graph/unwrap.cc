#include <algorithm>
#include <deque>

#include "workflow/graph/graph.h"

namespace signalbox::workflow {
namespace {

constexpr int kMaxWrappers = 6;
constexpr std::size_t kMaxLooked = 20'000;  // values that are looked into

bool isGraph(const Json& value) {
    if (!value.is_object()) return false;
    const Json& nodes = memberAt(value, "nodes");
    const Json& edges = memberAt(value, "edges");
    if (!nodes.is_array() || !edges.is_array()) return false;
    return nodes.empty() ||
           std::any_of(nodes.begin(), nodes.end(), [](const Json& node) { return node.is_object(); });
}

// Flowise keeps the graph as JSON inside a string.
bool looksLikeJson(const Json& value) {
    if (!value.is_string()) return false;
    const auto& text = value.get_ref<const std::string&>();
    const auto first = text.find_first_not_of(" \t\r\n");
    if (first == std::string::npos || (text[first] != '{' && text[first] != '[')) return false;
    return text.find("\"nodes\"") != std::string::npos || text.find("\"position\"") != std::string::npos;
}

// Level by level, so that the outermost is found first; what lies in a graph is no other graph.
class Search {
public:
    explicit Search(Json& holder) : holder_(holder) {}

    FoundGraph exact(const Json& document) {
        FoundGraph found;
        walk(document, [&](const Json& value) {
            if (!isGraph(value)) return false;
            if (found.graph == nullptr)
                found.graph = &value;
            else
                ++found.others;
            return true;
        });
        return found;
    }

    FoundGraph inAnotherArrangement(const Json& document) {
        FoundGraph found;
        std::optional<Json> made;
        walk(document, [&](const Json& value) {
            if (made) return true;
            made = arranged(value);
            return made.has_value();
        });
        if (!made) return found;
        if (memberAt(*made, "mixed").is_string())
            found.nodes_at = found.edges_at = (*made)["mixed"].get<std::string>();
        holder_.push_back(std::move(*made));
        found.graph = &holder_.back();
        return found;
    }

private:
    template <class Takes>
    void walk(const Json& document, const Takes& takes) {
        // References into the holder must stay; it grows once on the way.
        std::deque<std::pair<const Json*, int>> open{{&document, 0}};
        for (std::size_t looked = 0; !open.empty() && looked < kMaxLooked; ++looked) {
            const auto [value, depth] = open.front();
            open.pop_front();
            if (takes(*value) || depth >= kMaxWrappers) continue;
            if (const Json* inner = insideOf(*value)) open.emplace_back(inner, depth + 1);
            if (!value->is_structured()) continue;
            // What a node holds is no graph of its own, however its edges are kept.
            const Json& nodes = memberAt(*value, "nodes");
            for (const auto& member : *value)
                if (&member != &nodes && (member.is_structured() || looksLikeJson(member)))
                    open.emplace_back(&member, depth + 1);
        }
    }

    const Json* insideOf(const Json& value) {
        if (!looksLikeJson(value)) return nullptr;
        if (&value == parsed_) return &holder_.back();
        if (!holder_.empty()) return nullptr;
        auto inner = parseJson(value.get_ref<const std::string&>(), kGraphLimits);
        if (!inner) return nullptr;
        parsed_ = &value;
        holder_.push_back(std::move(*inner));
        return &holder_.back();
    }

    Json& holder_;
    const Json* parsed_ = nullptr;  // the text that the holder keeps
};

}  // namespace

FoundGraph findGraph(const Json& document, Json& holder) {
    holder = Json::array();
    Search search(holder);
    auto found = search.exact(document);
    return found.graph != nullptr ? found : search.inAnotherArrangement(document);
}

}  // namespace signalbox::workflow

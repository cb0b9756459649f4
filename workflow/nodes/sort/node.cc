// Puts the items of a list in order, by one value of each or by several.
#include <algorithm>

#include "workflow/list_node.h"

namespace signalbox::workflow::sort {

extern const char* const kSchema;

namespace {

class Sort : public ListNode {
public:
    Sort() : ListNode("sort", kSchema) {}

private:
    Result<Keys> keysOf(const Json& params) const override {
        const Json& by = memberAt(params, "by");
        if (by.is_string()) return Keys{{"by", by.get<std::string>()}};
        Keys keys;
        for (std::size_t i = 0; i < by.size(); ++i)
            keys.emplace_back("by[" + std::to_string(i) + "].value", textAt(by[i], "value"));
        return keys;
    }
    Result<Json> make(const Json& params, std::vector<Entry> entries) const override {
        const Json& by = memberAt(params, "by");
        std::vector<bool> is_falling;
        for (std::size_t i = 0; i < (by.is_array() ? by.size() : 1); ++i) {
            const std::string order = by.is_array() ? textAt(by[i], "order") : "";
            is_falling.push_back((order.empty() ? textAt(params, "order") : order) == "desc");
        }
        std::stable_sort(entries.begin(), entries.end(), [&](const Entry& a, const Entry& b) {
            for (std::size_t i = 0; i < a.keys.size(); ++i) {
                const int order = compareValues(a.keys[i], b.keys[i]);
                if (order != 0) return is_falling[i] ? order > 0 : order < 0;
            }
            return false;
        });
        Json sorted = Json::array();
        for (auto& entry : entries) sorted.push_back(std::move(entry.item));
        return sorted;
    }
};

}  // namespace

const NodeType& type() {
    static const Sort instance;
    return instance;
}

}  // namespace signalbox::workflow::sort

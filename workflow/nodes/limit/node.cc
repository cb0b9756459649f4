// Keeps the first or the last items of a list.
#include "workflow/list_node.h"

namespace signalbox::workflow::limit {

extern const char* const kSchema;

namespace {

class Limit : public ListNode {
public:
    Limit() : ListNode("limit", kSchema) {}

private:
    Result<Keys> keysOf(const Json&) const override { return Keys{}; }
    Result<Json> make(const Json& params, std::vector<Entry> entries) const override {
        const std::size_t count =
            std::min(entries.size(), static_cast<std::size_t>(numberAt(params, "count")));
        const std::size_t first = textAt(params, "keep") == "last" ? entries.size() - count : 0;
        Json kept = Json::array();
        for (std::size_t i = first; i < first + count; ++i) kept.push_back(std::move(entries[i].item));
        return kept;
    }
};

}  // namespace

const NodeType& type() {
    static const Limit instance;
    return instance;
}

}  // namespace signalbox::workflow::limit

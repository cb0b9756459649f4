// Keeps one of the items of a list that have the same value.
#include <set>

#include "workflow/list_node.h"

namespace signalbox::workflow::remove_duplicates {

extern const char* const kSchema;

namespace {

class RemoveDuplicates : public ListNode {
public:
    RemoveDuplicates() : ListNode("remove_duplicates", kSchema) {}

private:
    Result<Keys> keysOf(const Json& params) const override { return Keys{{"by", textAt(params, "by")}}; }
    Result<Json> make(const Json& params, std::vector<Entry> entries) const override {
        const bool keeps_last = textAt(params, "keep") == "last";
        const auto before = [](const Json* a, const Json* b) { return compareValues(*a, *b) < 0; };
        std::set<const Json*, decltype(before)> seen(before);
        std::vector<bool> is_kept(entries.size());
        for (std::size_t i = 0; i < entries.size(); ++i) {
            const std::size_t at = keeps_last ? entries.size() - 1 - i : i;
            is_kept[at] = seen.insert(&entries[at].keys[0]).second;
        }
        Json kept = Json::array();
        for (std::size_t i = 0; i < entries.size(); ++i)
            if (is_kept[i]) kept.push_back(entries[i].item);
        return kept;
    }
};

}  // namespace

const NodeType& type() {
    static const RemoveDuplicates instance;
    return instance;
}

}  // namespace signalbox::workflow::remove_duplicates

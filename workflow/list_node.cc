#include "workflow/list_node.h"

#include "workflow/expr/expression.h"

namespace signalbox::workflow {
namespace {

struct PreparedList : Prepared {
    explicit PreparedList(Expression items_) : items(std::move(items_)) { names = items.names(); }
    Expression items;
    std::vector<std::pair<std::string, Expression>> keys;
};

int rankOf(const Json& value) {
    if (value.is_null()) return 0;
    if (value.is_boolean()) return 1;
    if (value.is_number()) return 2;
    return value.is_string() ? 3 : 4;
}

template <class T>
int order(const T& a, const T& b) {
    return a < b ? -1 : (b < a ? 1 : 0);
}

}  // namespace

int compareValues(const Json& a, const Json& b) {
    const int left = rankOf(a), right = rankOf(b);
    if (left != right) return order(left, right);
    switch (left) {
        case 0:
            return 0;
        case 1:
            return order(a.get<bool>(), b.get<bool>());
        case 2:
            if (a.is_number_integer() && b.is_number_integer())
                return order(a.get<std::int64_t>(), b.get<std::int64_t>());
            return order(a.get<double>(), b.get<double>());
        case 3:
            return order(a.get_ref<const std::string&>(), b.get_ref<const std::string&>());
        default:
            return order(dumpJson(a), dumpJson(b));
    }
}

std::vector<std::string> ListNode::check(const Json& params) const {
    const auto made = prepare(params);
    if (made) return {};
    return {made.error().message};
}

Result<std::unique_ptr<const Prepared>> ListNode::prepare(const Json& params) const {
    auto items = Expression::compile(textAt(params, "items", "item"));
    if (!items) return withContext("items", items.error());
    auto prepared = std::make_unique<PreparedList>(std::move(*items));
    const auto keys = keysOf(params);
    if (!keys) return keys.error();
    for (const auto& [place, text] : *keys) {
        auto key = Expression::compile(text);
        if (!key) return withContext(place, key.error());
        const auto names = key->names();
        prepared->names.insert(prepared->names.end(), names.begin(), names.end());
        prepared->keys.emplace_back(place, std::move(*key));
    }
    return std::unique_ptr<const Prepared>(std::move(prepared));
}

Result<Outcome> ListNode::enter(const NodeInput& input) const {
    const auto& prepared = static_cast<const PreparedList&>(input.prepared);
    auto items = prepared.items.evaluate(input.scope);
    if (!items) return withContext("items", items.error());
    if (!items->is_array()) return Error{ErrorKind::Invalid, "items: must be a list"};
    std::vector<Entry> entries;
    entries.reserve(items->size());
    Json scope = prepared.keys.empty() ? Json() : input.scope;
    for (auto& item : *items) {
        Entry entry;
        if (!prepared.keys.empty()) scope["item"] = item;
        for (const auto& [place, key] : prepared.keys) {
            auto value = key.evaluate(scope);
            if (!value)
                return withContext(place + " of item " + std::to_string(entries.size()), value.error());
            entry.keys.push_back(std::move(*value));
        }
        entry.item = std::move(item);
        entries.push_back(std::move(entry));
    }
    auto made = make(input.params, std::move(entries));
    if (!made) return made.error();
    return Outcome(Next{"out", std::move(*made)});
}

}  // namespace signalbox::workflow

// Puts the items of a list together: counts, sums and lists of them, for all or for each group.
#include <algorithm>
#include <map>

#include "workflow/list_node.h"
#include "workflow/params.h"

namespace signalbox::workflow::aggregate {

extern const char* const kSchema;

namespace {

using Values = std::vector<const Json*>;

Result<Json> numbersOf(const std::string& field, const std::string& op, const Values& values) {
    double sum = 0;
    std::int64_t whole = 0;
    bool is_whole = true;
    std::size_t count = 0;
    for (const Json* value : values) {
        if (value->is_null()) continue;
        if (!value->is_number())
            return Error{ErrorKind::Invalid,
                         "fields." + field + ": " + op + " takes numbers; convert with number(x)"};
        ++count;
        sum += value->get<double>();
        is_whole = is_whole && value->is_number_integer() &&
                   !__builtin_add_overflow(whole, value->get<std::int64_t>(), &whole);
    }
    if (op == "average") return count == 0 ? Json(nullptr) : Json(sum / static_cast<double>(count));
    return is_whole ? Json(whole) : Json(sum);
}

Json listOf(const Values& values, bool is_unique) {
    Json list = Json::array();
    for (const Json* value : values) {
        if (is_unique && std::find(list.begin(), list.end(), *value) != list.end()) continue;
        list.push_back(*value);
    }
    return list;
}

Json extreme(const Values& values, int wanted) {
    const Json* best = nullptr;
    for (const Json* value : values) {
        if (value->is_null()) continue;
        if (best == nullptr || compareValues(*value, *best) * wanted > 0) best = value;
    }
    return best == nullptr ? Json(nullptr) : *best;
}

Result<Json> valueOf(const std::string& name, const Json& field, const Values& values) {
    const std::string op = textAt(field, "op");
    if (op == "count") {
        return Json(
            std::count_if(values.begin(), values.end(), [](const Json* value) { return !value->is_null(); }));
    }
    if (op == "sum" || op == "average") return numbersOf(name, op, values);
    if (op == "min") return extreme(values, -1);
    if (op == "max") return extreme(values, 1);
    if (op == "first") return values.empty() ? Json(nullptr) : *values.front();
    if (op == "last") return values.empty() ? Json(nullptr) : *values.back();
    if (op == "list") return listOf(values, false);
    if (op == "unique") return listOf(values, true);
    std::string joined;
    for (const Json* value : values)
        joined += (value == values.front() ? "" : textAt(field, "separator", ", ")) + textIn(*value);
    return Json(joined);
}

class Aggregate : public ListNode {
public:
    Aggregate() : ListNode("aggregate", kSchema) {}

private:
    // The group's value first, where there are groups.
    Result<Keys> keysOf(const Json& params) const override {
        Keys keys;
        if (const std::string by = textAt(params, "group_by"); !by.empty()) keys.emplace_back("group_by", by);
        for (const auto& [name, field] : memberAt(params, "fields").items())
            keys.emplace_back("fields." + name + ".value", textAt(field, "value", "item"));
        return keys;
    }
    Result<Json> make(const Json& params, std::vector<Entry> entries) const override {
        if (textAt(params, "group_by").empty()) {
            std::vector<const Entry*> all;
            for (const Entry& entry : entries) all.push_back(&entry);
            return together(params, all, 0);
        }
        std::vector<std::vector<const Entry*>> groups;  // in the order of their first items
        const auto before = [](const Json* a, const Json* b) { return compareValues(*a, *b) < 0; };
        std::map<const Json*, std::size_t, decltype(before)> known(before);
        for (const Entry& entry : entries) {
            const auto [at, is_new] = known.emplace(&entry.keys[0], groups.size());
            if (is_new) groups.emplace_back();
            groups[at->second].push_back(&entry);
        }
        Json out = Json::array();
        for (const auto& group : groups) {
            auto made = together(params, group, 1);
            if (!made) return made;
            (*made)["group"] = group.front()->keys[0];
            out.push_back(std::move(*made));
        }
        return out;
    }
    static Result<Json> together(const Json& params, const std::vector<const Entry*>& entries,
                                 std::size_t first_key) {
        Json out = Json::object();
        std::size_t key = first_key;
        for (const auto& [name, field] : memberAt(params, "fields").items()) {
            Values values;
            for (const Entry* entry : entries) values.push_back(&entry->keys[key]);
            ++key;
            auto value = valueOf(name, field, values);
            if (!value) return value;
            out[name] = std::move(*value);
        }
        return out;
    }
};

}  // namespace

const NodeType& type() {
    static const Aggregate instance;
    return instance;
}

}  // namespace signalbox::workflow::aggregate

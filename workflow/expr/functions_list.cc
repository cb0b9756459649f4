#include <algorithm>
#include <bit>

#include "workflow/expr/expression.h"
#include "workflow/expr/function.h"
#include "workflow/expr/unicode.h"

namespace signalbox::workflow::expr {
namespace {

Json length(Arguments& in) {
    const Json& value = in.at(0);
    if (value.is_null()) return 0;
    return value.is_structured() ? value.size() : countCharacters(in.text(0));
}

// From the end when negative; always within the size.
std::size_t within(std::int64_t place, std::size_t size) {
    const auto end = static_cast<std::int64_t>(size);
    if (place < 0) place = std::max<std::int64_t>(place, -end) + end;
    return static_cast<std::size_t>(std::min(place, end));
}

Json part(Arguments& in, std::int64_t from, std::int64_t to) {
    if (in.at(0).is_array()) {
        const Json& list = in.at(0);
        const auto begin = within(from, list.size()), end = within(to, list.size());
        Json out = Json::array();
        for (auto i = begin; i < end; ++i) {
            if (!in.budget().chargeDeep(list[i])) return nullptr;
            out.push_back(list[i]);
        }
        return out;
    }
    const std::string text = in.text(0);
    const auto size = countCharacters(text);
    const auto begin = offsetOfCharacter(text, within(from, size)),
               end = offsetOfCharacter(text, within(to, size));
    return begin < end ? text.substr(begin, end - begin) : "";
}

constexpr std::int64_t kToTheEnd = std::numeric_limits<std::int64_t>::max();

Json slice(Arguments& in) {
    const auto from = in.whole(1, 0);
    return part(in, from, in.whole(2, kToTheEnd));
}
Json first(Arguments& in) {
    if (in.at(0).is_array()) return in.at(0).empty() ? Json(nullptr) : in.at(0).front();
    return part(in, 0, 1);
}
Json last(Arguments& in) {
    if (in.at(0).is_array()) return in.at(0).empty() ? Json(nullptr) : in.at(0).back();
    return part(in, -1, kToTheEnd);
}

Json reverse(Arguments& in) {
    if (!in.at(0).is_array()) return reverseCharacters(in.text(0));
    if (!in.budget().chargeDeep(in.at(0))) return nullptr;
    Json out = in.at(0);
    std::reverse(out.begin(), out.end());
    return out;
}

// What it costs to put a list in order, in elements compared.
bool chargeSort(Arguments& in, const Json& list) {
    const auto rounds = static_cast<std::size_t>(std::bit_width(list.size()));
    return in.budget().chargeDeep(list) && in.budget().charge(list.size() * rounds);
}

Json sort(Arguments& in) {
    const Json& list = in.list(0);
    const std::string path = in.count() > 1 ? in.text(1) : "";
    if (!chargeSort(in, list)) return nullptr;
    std::vector<const Json*> elements;
    for (const auto& element : list) elements.push_back(&element);
    std::stable_sort(elements.begin(), elements.end(), [&](const Json* a, const Json* b) {
        return sortsBefore(atDottedPath(*a, path), atDottedPath(*b, path));
    });
    Json out = Json::array();
    for (const Json* element : elements) out.push_back(*element);
    return out;
}

Json unique(Arguments& in) {
    const Json& list = in.list(0);
    if (!chargeSort(in, list)) return nullptr;
    std::vector<const Json*> order;
    for (const auto& element : list) order.push_back(&element);
    std::stable_sort(order.begin(), order.end(),
                     [](const Json* a, const Json* b) { return sortsBefore(*a, *b); });
    const auto end = std::unique(order.begin(), order.end(),
                                 [](const Json* a, const Json* b) { return areEqual(*a, *b); });
    std::sort(order.begin(), end);  // elements lie in one block, so by address is as they came
    Json out = Json::array();
    for (auto each = order.begin(); each != end; ++each) out.push_back(**each);
    return out;
}

// One level.
Json flatten(Arguments& in) {
    Json out = Json::array();
    for (const auto& element : in.list(0)) {
        if (!in.budget().chargeDeep(element)) return nullptr;
        if (element.is_array()) {
            out.insert(out.end(), element.begin(), element.end());
        } else {
            out.push_back(element);
        }
    }
    return out;
}

Json pluck(Arguments& in) {
    const std::string path = in.text(1);
    Json out = Json::array();
    for (const auto& element : in.list(0)) {
        const Json& found = atDottedPath(element, path);
        if (!in.budget().chargeDeep(found) || !in.budget().charge(path.size())) return nullptr;
        out.push_back(found);
    }
    return out;
}

Json where(Arguments& in) {
    const std::string path = in.text(1);
    Json out = Json::array();
    for (const auto& element : in.list(0)) {
        if (!in.budget().chargeDeep(element) || !in.budget().charge(path.size())) return nullptr;
        const Json& found = atDottedPath(element, path);
        if (in.count() > 2 ? areEqual(found, in.at(2)) : isTruthy(found)) out.push_back(element);
    }
    return out;
}

Json keys(Arguments& in) {
    if (!in.at(0).is_object()) return in.fail(std::string("takes an object, not ") + typeName(in.at(0)));
    Json out = Json::array();
    for (const auto& [key, value] : in.at(0).items()) out.push_back(key);
    return out;
}

Json values(Arguments& in) {
    if (!in.at(0).is_object()) return in.fail(std::string("takes an object, not ") + typeName(in.at(0)));
    if (!in.budget().chargeDeep(in.at(0))) return nullptr;
    Json out = Json::array();
    for (const auto& value : in.at(0)) out.push_back(value);
    return out;
}

Json has(Arguments& in) {
    return !atDottedPath(in.at(0), in.text(1)).is_null();
}

Json merge(Arguments& in) {
    Json out = Json::object();
    for (std::size_t i = 0; i < in.count(); ++i) {
        if (in.at(i).is_null()) continue;
        if (!in.at(i).is_object()) return in.fail(std::string("takes objects, not ") + typeName(in.at(i)));
        if (!in.budget().chargeDeep(in.at(i))) return nullptr;
        out.update(in.at(i));
    }
    return out;
}

constexpr Function kFunctions[] = {
    {"length", 1, 1, false, &length}, {"slice", 2, 3, true, &slice},     {"first", 1, 1, true, &first},
    {"last", 1, 1, true, &last},      {"reverse", 1, 1, true, &reverse}, {"sort", 1, 2, true, &sort},
    {"unique", 1, 1, true, &unique},  {"pluck", 2, 2, true, &pluck},     {"where", 2, 3, true, &where},
    {"keys", 1, 1, true, &keys},      {"values", 1, 1, true, &values},   {"has", 2, 2, false, &has},
    {"merge", 1, 100, false, &merge}, {"flatten", 1, 1, true, &flatten},
};

}  // namespace

std::span<const Function> listFunctions() {
    return kFunctions;
}

}  // namespace signalbox::workflow::expr

#include "workflow/expr/function.h"

#include <algorithm>
#include <map>

namespace signalbox::workflow::expr {
namespace {

const std::map<std::string_view, const Function*>& allFunctions() {
    static const auto all = [] {
        std::map<std::string_view, const Function*> by_name;
        for (const auto& family : {textFunctions(), numberFunctions(), listFunctions(), dataFunctions()})
            for (const auto& function : family) by_name.emplace(function.name, &function);
        return by_name;
    }();
    return all;
}

// Edits that turn one name into the other (Levenshtein).
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
            diagonal = row[j];
            row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
        }
    }
    return row.back();
}

}  // namespace

const Function* findFunction(std::string_view name) {
    const auto found = allFunctions().find(name);
    return found == allFunctions().end() ? nullptr : found->second;
}

std::optional<std::string_view> meantByFunction(std::string_view name) {
    static const std::map<std::string_view, std::string_view> kMeant = {{"len", "length"},
                                                                        {"size", "length"},
                                                                        {"count", "length"},
                                                                        {"map", "pluck"},
                                                                        {"filter", "where"},
                                                                        {"select", "where"},
                                                                        {"string", "text"},
                                                                        {"str", "text"},
                                                                        {"int", "x | number | floor"},
                                                                        {"float", "number"},
                                                                        {"bool", "boolean"},
                                                                        {"toUpper", "upper"},
                                                                        {"uppercase", "upper"},
                                                                        {"toLower", "lower"},
                                                                        {"lowercase", "lower"},
                                                                        {"strip", "trim"},
                                                                        {"substring", "slice"},
                                                                        {"substr", "slice"},
                                                                        {"concat", "a ~ b"},
                                                                        {"tojson", "json"},
                                                                        {"to_json", "json"},
                                                                        {"from_json", "parse_json"},
                                                                        {"strftime", "date"},
                                                                        {"format_date", "date"},
                                                                        {"now", "run.now"},
                                                                        {"if", "condition ? a : b"},
                                                                        {"iif", "condition ? a : b"},
                                                                        {"coalesce", "a ?? b"},
                                                                        {"is_empty", "x == ''"},
                                                                        {"isEmpty", "x == ''"},
                                                                        {"startswith", "starts_with"},
                                                                        {"startsWith", "starts_with"},
                                                                        {"endswith", "ends_with"},
                                                                        {"endsWith", "ends_with"},
                                                                        {"includes", "contains"},
                                                                        {"regex", "matches"},
                                                                        {"uniq", "unique"},
                                                                        {"average", "sum(x) / length(x)"},
                                                                        {"avg", "sum(x) / length(x)"}};
    const auto found = kMeant.find(name);
    if (found == kMeant.end()) return std::nullopt;
    return found->second;
}

std::optional<std::string_view> nearestFunction(std::string_view name) {
    if (name.size() > 32) return std::nullopt;
    std::optional<std::string_view> nearest;
    std::size_t best = 3;
    for (const auto& [known, function] : allFunctions()) {
        const auto edits = distance(name, known);
        if (edits >= best || edits >= known.size()) continue;
        best = edits;
        nearest = known;
    }
    return nearest;
}

std::vector<std::string_view> functionNames() {
    std::vector<std::string_view> names;
    for (const auto& [name, function] : allFunctions()) names.push_back(name);
    return names;
}

std::vector<Json> Arguments::takeFrom(std::size_t i) {
    std::vector<Json> taken;
    for (; i < values_.size(); ++i) taken.push_back(std::move(values_[i]).take());
    return taken;
}

std::string Arguments::text(std::size_t i) {
    if (at(i).is_structured())
        fail(std::string("takes text, not ") + typeName(at(i)) + "; convert with json(x)");
    return at(i).is_structured() ? "" : textOf(at(i));
}

double Arguments::number(std::size_t i) {
    if (at(i).is_number()) return at(i).get<double>();
    fail(std::string("takes a number, not ") + typeName(at(i)) + "; convert with number(x)");
    return 0;
}

std::int64_t Arguments::whole(std::size_t i, std::int64_t fallback) {
    if (i >= count()) return fallback;
    if (const auto value = at(i).is_number() ? wholeOf(at(i)) : std::nullopt) return *value;
    fail(std::string("takes a whole number, not ") + (at(i).is_number() ? textOf(at(i)) : typeName(at(i))));
    return fallback;
}

const Json& Arguments::list(std::size_t i) {
    static const Json kEmpty = Json::array();
    if (at(i).is_array()) return at(i);
    fail(std::string("takes a list, not ") + typeName(at(i)));
    return kEmpty;
}

Json Arguments::fail(std::string why) {
    if (!fault_) fault_ = std::move(why);
    return nullptr;
}

}  // namespace signalbox::workflow::expr

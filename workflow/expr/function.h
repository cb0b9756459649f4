// The functions (= filters) of the language: `lower(x)` and `x | lower` are the same call. Each family is a
// table in a file of its own: functions_text.cc, functions_number.cc, functions_list.cc, functions_data.cc.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "workflow/expr/value.h"

namespace signalbox::workflow::expr {

// What a function was given. The getters convert or remember the first fault; a function may go on with the
// empty value it got, its result is then thrown away.
class Arguments {
public:
    Arguments(std::vector<Value> values, Budget& budget) : values_(std::move(values)), budget_(budget) {}

    std::size_t count() const { return values_.size(); }
    const Json& at(std::size_t i) const { return *values_[i]; }
    std::vector<Json> takeFrom(std::size_t i);

    std::string text(std::size_t i);  // text, number or boolean; null is ""
    double number(std::size_t i);
    std::int64_t whole(std::size_t i, std::int64_t fallback);
    const Json& list(std::size_t i);  // the shared empty list when it is none
    Budget& budget() { return budget_; }

    Json fail(std::string why);
    const std::optional<std::string>& fault() const { return fault_; }

private:
    std::vector<Value> values_;
    Budget& budget_;
    std::optional<std::string> fault_;
};

struct Function {
    std::string_view name;
    std::size_t min_arguments;
    std::size_t max_arguments;
    bool passes_null;  // null as the first value gives null, without a call
    Json (*call)(Arguments&);
};

std::span<const Function> textFunctions();
std::span<const Function> numberFunctions();
std::span<const Function> listFunctions();
std::span<const Function> dataFunctions();

const Function* findFunction(std::string_view name);
// The known name that is nearest to a mistyped one, if any is near.
// What is written here for a function of another language: "length" for "len".
std::optional<std::string_view> meantByFunction(std::string_view name);
std::optional<std::string_view> nearestFunction(std::string_view name);
std::vector<std::string_view> functionNames();

}  // namespace signalbox::workflow::expr

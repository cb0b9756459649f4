#include "workflow/event_filter.h"

#include <algorithm>

namespace signalbox::workflow {

Status EventFilter::require(const std::string& expression) {
    auto made = Expression::compile(expression);
    if (!made) return made.error();
    conditions_.push_back(std::move(*made));
    return Done{};
}

Status EventFilter::requireOneOf(const std::string& path, const Json& wanted) {
    if (wanted.is_null() || wanted.empty() || wanted == "") return Done{};
    const Json list = wanted.is_array() ? wanted : Json::array({wanted});
    // JSON texts and lists are written alike in the expression language.
    return require(path + " in " + dumpJson(list));
}

Status EventFilter::requireCondition(const Json& params) {
    const std::string condition = textAt(params, "condition");
    if (condition.empty()) return Done{};
    const Status added = require(condition);
    return added ? added : Status(withContext("condition", added.error()));
}

Result<bool> EventFilter::holds(const Json& event) const {
    for (const auto& condition : conditions_) {
        auto value = condition.evaluate(event);
        if (!value) return value.error();
        if (!isTruthy(*value)) return false;
    }
    return true;
}

std::vector<std::string> TriggerType::check(const Json& params) const {
    const auto filter = filterOf(params);
    if (filter) return {};
    return {filter.error().message};
}

Result<std::unique_ptr<const Prepared>> TriggerType::prepare(const Json& params) const {
    auto filter = filterOf(params);
    if (!filter) return filter.error();
    auto prepared = std::make_unique<PreparedTrigger>();
    prepared->filter = std::move(*filter);
    return std::unique_ptr<const Prepared>(std::move(prepared));
}

Result<bool> TriggerType::matches(const Prepared& prepared, const Json& event) const {
    return static_cast<const PreparedTrigger&>(prepared).filter.holds(event);
}

std::vector<std::string> FieldTrigger::eventTypesFor(const Json& params) const {
    const Json& events = memberAt(params, "events");
    if (events.is_null() || events.empty() || events == "") return types_;
    const Json list = events.is_array() ? events : Json::array({events});
    std::vector<std::string> out;
    for (const auto& type : types_) {
        const std::string last = type.substr(type.find('.') + 1);
        if (std::find(list.begin(), list.end(), Json(last)) != list.end()) out.push_back(type);
    }
    return out;
}

Result<EventFilter> FieldTrigger::filterOf(const Json& params) const {
    EventFilter filter;
    for (const auto& field : fields_)
        if (auto added = filter.requireOneOf(field.path, memberAt(params, field.param)); !added)
            return withContext(field.param, added.error());
    if (auto added = filter.requireCondition(params); !added) return added.error();
    return filter;
}

}  // namespace signalbox::workflow

#include "workflow/event_filter.h"

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

}  // namespace signalbox::workflow

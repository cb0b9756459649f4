// Starts a run for any event of the log that passes the condition.
#include "workflow/event_filter.h"
#include "workflow/event_types.h"

namespace signalbox::workflow::trigger_event {

extern const char* const kSchema;

namespace {

std::vector<std::string> patternsIn(const Json& params) {
    const Json& events = memberAt(params, "event");
    std::vector<std::string> out;
    for (const Json& each : events.is_array() ? events : Json::array({events}))
        if (each.is_string()) out.push_back(each.get<std::string>());
    return out;
}

class TriggerEvent : public TriggerType {
public:
    std::string name() const override { return "trigger.event"; }
    const std::string& paramsSchema() const override {
        static const std::string schema = kSchema;
        return schema;
    }
    std::vector<std::string> eventTypesFor(const Json& params) const override {
        std::vector<std::string> out;
        for (const auto& pattern : patternsIn(params))
            for (auto& type : eventTypesLike(pattern)) out.push_back(std::move(type));
        return out;
    }

private:
    Result<EventFilter> filterOf(const Json& params) const override {
        for (const auto& pattern : patternsIn(params))
            if (eventTypesLike(pattern).empty())
                return Error{ErrorKind::Invalid, "event: there is no event " + pattern.substr(0, 100) +
                                                     "; see schemas/events, own ones begin with custom."};
        EventFilter filter;
        if (auto added = filter.requireCondition(params); !added) return added.error();
        return filter;
    }
};

}  // namespace

const NodeType& type() {
    static const TriggerEvent instance;
    return instance;
}

}  // namespace signalbox::workflow::trigger_event

// Starts a run by the clock. The scheduler appends "schedule.due" for this very node, so every such event
// that reaches it is meant for it.
#include "workflow/event_filter.h"
#include "workflow/schedule/schedule.h"

namespace signalbox::workflow::trigger_schedule {

extern const char* const kSchema;

namespace {

class TriggerSchedule : public TriggerType {
public:
    std::string name() const override { return "trigger.schedule"; }
    const std::string& paramsSchema() const override {
        static const std::string schema = kSchema;
        return schema;
    }
    std::vector<std::string> eventTypes() const override { return {"schedule.due"}; }

private:
    Result<EventFilter> filterOf(const Json& params) const override {
        if (const auto schedule = Schedule::read(params); !schedule) return schedule.error();
        return EventFilter{};
    }
};

}  // namespace

const NodeType& type() {
    static const TriggerSchedule instance;
    return instance;
}

}  // namespace signalbox::workflow::trigger_schedule

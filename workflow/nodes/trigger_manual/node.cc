// Starts a run when a person or another system asks for it; no event of the log does.
#include "workflow/event_filter.h"

namespace signalbox::workflow::trigger_manual {

extern const char* const kSchema;

namespace {

class TriggerManual : public TriggerType {
public:
    std::string name() const override { return "trigger.manual"; }
    const std::string& paramsSchema() const override {
        static const std::string schema = kSchema;
        return schema;
    }

private:
    Result<EventFilter> filterOf(const Json&) const override { return EventFilter{}; }
};

}  // namespace

const NodeType& type() {
    static const TriggerManual instance;
    return instance;
}

}  // namespace signalbox::workflow::trigger_manual

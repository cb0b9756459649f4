// Starts a run when another workflow does, by its nodes sub_workflow and start_workflow. What comes in is
// checked against what the workflow says it takes, so that a caller's mistake is the caller's error.
#include "workflow/event_filter.h"

namespace signalbox::workflow::trigger_sub_workflow {

extern const char* const kSchema;

namespace {

bool isOfType(const Json& value, const std::string& type) {
    if (type == "text") return value.is_string();
    if (type == "number") return value.is_number();
    if (type == "flag") return value.is_boolean();
    if (type == "list") return value.is_array();
    return type == "object" ? value.is_object() : true;
}

class TriggerSubWorkflow : public TriggerType {
public:
    std::string name() const override { return "trigger.sub_workflow"; }
    const std::string& paramsSchema() const override {
        static const std::string schema = kSchema;
        return schema;
    }
    Result<Outcome> enter(const NodeInput& input) const override {
        Json data = input.item;
        for (const Json& one : memberAt(input.params, "inputs")) {
            const std::string name = textAt(one, "name"), type = textAt(one, "type");
            if (!data.is_object() && !data.is_null())
                return Error{ErrorKind::Invalid,
                             "input: must be an object with the members that inputs name"};
            const Json& value = memberAt(data, name);
            if (value.is_null() && one.contains("default")) {
                data[name] = one["default"];
            } else if (value.is_null() && flagAt(one, "required")) {
                return Error{ErrorKind::Invalid, "input." + name + ": is missing"};
            } else if (!value.is_null() && !isOfType(value, type)) {
                return Error{ErrorKind::Invalid, "input." + name + ": must be a " + type};
            }
        }
        return Outcome(Next{"out", std::move(data)});
    }

private:
    Result<EventFilter> filterOf(const Json&) const override { return EventFilter{}; }
};

}  // namespace

const NodeType& type() {
    static const TriggerSubWorkflow instance;
    return instance;
}

}  // namespace signalbox::workflow::trigger_sub_workflow

// Starts a run when somebody sends the form that this node describes (daemon/hooks shows it).
#include <algorithm>

#include "workflow/event_filter.h"
#include "workflow/own_path.h"

namespace signalbox::workflow::trigger_form {

extern const char* const kSchema;

namespace {

constexpr const char* kOurNames[] = {"form_token", "homepage_address"};

class TriggerForm : public TriggerType {
public:
    std::string name() const override { return "trigger.form"; }
    const std::string& paramsSchema() const override {
        static const std::string schema = kSchema;
        return schema;
    }
    std::vector<std::string> eventTypes() const override { return {"form.submitted"}; }
    std::vector<std::string> check(const Json& params) const override {
        auto faults = TriggerType::check(params);
        if (const auto path = checkOwnPath(textAt(params, "path"), false); !path)
            faults.push_back(path.error().message);
        std::vector<std::string> names(std::begin(kOurNames), std::end(kOurNames));
        for (const Json& field : memberAt(params, "fields")) {
            const std::string name = textAt(field, "name");
            if (std::find(names.begin(), names.end(), name) != names.end())
                faults.push_back("fields: there are two called " + name);
            names.push_back(name);
            if (textAt(field, "type") == "select" && memberAt(field, "options").empty())
                faults.push_back("fields: " + name + " needs options");
        }
        return faults;
    }
    // The form's fields are the data, beside what the event says of them.
    Result<Outcome> enter(const NodeInput& input) const override {
        const Json& fields = memberAt(input.item, "fields");
        return Outcome(Next{"out", fields.is_object() ? fields : input.item});
    }

private:
    Result<EventFilter> filterOf(const Json& params) const override {
        EventFilter filter;
        if (auto added = filter.requireCondition(params); !added) return added.error();
        return filter;
    }
};

}  // namespace

const NodeType& type() {
    static const TriggerForm instance;
    return instance;
}

}  // namespace signalbox::workflow::trigger_form

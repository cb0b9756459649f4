// Waits for an event of the log that has a given value at a given place. Events that came since the run began
// count.
#include "workflow/engine/event_waits.h"
#include "workflow/event_filter.h"
#include "workflow/event_types.h"
#include "workflow/time_out.h"

namespace signalbox::workflow::wait_event {

extern const char* const kSchema;

namespace {

struct PreparedWait : Prepared {
    Params key;
    TimeOut time_out;
    EventFilter filter;
};

class WaitEvent : public NodeType {
public:
    std::string name() const override { return "wait_event"; }
    const std::string& paramsSchema() const override {
        static const std::string schema = kSchema;
        return schema;
    }
    std::vector<Port> ports(const Json&) const override {
        return {{"event", "Event"}, {"timeout", "Time-out"}};
    }
    std::vector<std::string> check(const Json& params) const override {
        std::vector<std::string> faults;
        const std::string event = textAt(params, "event");
        if (!isCustomType(event) && findEventType(event) == nullptr)
            faults.push_back("event: there is no event " + event.substr(0, 100) +
                             "; own ones begin with custom.");
        if (textAt(params, "key_path").empty() != memberAt(params, "key").is_null())
            faults.push_back("`key_path` and `key` go together: where in the event which value stands");
        if (const auto made = prepare(params); !made) faults.push_back(made.error().message);
        return faults;
    }
    Result<std::unique_ptr<const Prepared>> prepare(const Json& params) const override {
        auto prepared = std::make_unique<PreparedWait>();
        auto key = Params::compile(memberAt(params, "key"));
        if (!key) return withContext("key", key.error());
        auto time_out = TimeOut::read(params);
        if (!time_out) return time_out.error();
        if (auto added = prepared->filter.requireCondition(params); !added) return added.error();
        key->collectNames(prepared->names);
        time_out->collectNames(prepared->names);
        prepared->key = std::move(*key);
        prepared->time_out = std::move(*time_out);
        return std::unique_ptr<const Prepared>(std::move(prepared));
    }
    Result<Outcome> enter(const NodeInput& input) const override {
        const auto& prepared = static_cast<const PreparedWait&>(input.prepared);
        const auto value = prepared.key.render(input.scope);
        if (!value) return withContext("key", value.error());
        const auto deadline = prepared.time_out.deadline(input);
        if (!deadline) return deadline.error();
        const EventKey key{textAt(input.params, "event"), textAt(input.params, "key_path"), textIn(*value)};
        if (!key.path.empty() && key.value.empty())
            return Error{ErrorKind::Invalid, "key: is empty, so no event could be the one"};
        return Outcome(Await{key.text(), *deadline});
    }
    Result<Outcome> resume(const NodeInput&, const Json& answer) const override {
        if (flagAt(answer, "timed_out")) return Outcome(Next{"timeout", std::nullopt});
        return Outcome(Next{"event", answer});
    }
    Result<bool> matches(const Prepared& prepared, const Json& event) const override {
        return static_cast<const PreparedWait&>(prepared).filter.holds(event);
    }
};

}  // namespace

const NodeType& type() {
    static const WaitEvent instance;
    return instance;
}

}  // namespace signalbox::workflow::wait_event

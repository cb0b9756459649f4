// Starts a run for an inbound message that passes the filters.
#include "workflow/event_filter.h"

namespace signalbox::workflow::trigger_message {

extern const char* const kSchema;

namespace {

// Case does not count where a person wrote the text.
Status requireText(EventFilter& filter, const Json& text) {
    const auto quoted = [](const std::string& value) { return "(" + dumpJson(Json(value)) + " | lower)"; };
    const std::string contains = text.is_string() ? text.get<std::string>() : textAt(text, "contains");
    if (!contains.empty()) {
        if (auto added = filter.require("(message.text | lower) contains " + quoted(contains)); !added)
            return added;
    }
    if (const std::string equals = textAt(text, "equals"); !equals.empty()) {
        if (auto added = filter.require("(message.text | lower | trim) == " + quoted(equals)); !added)
            return added;
    }
    const std::string pattern = textAt(text, "matches");
    if (pattern.empty()) return Done{};
    const Status added = filter.require("message.text matches " + dumpJson(Json(pattern)));
    return added ? added : Status(withContext("text.matches", added.error()));
}

// Machines' mail, and what says that machines are not to answer it, only where it is asked for.
Status requireKind(EventFilter& filter, const Json& asked) {
    if (asked == true) return Done{};
    const Json kinds = asked.is_array() ? asked : Json::array();
    return filter.require("message.content.may_auto_reply != false or message.content.auto_kind in " +
                          dumpJson(kinds));
}

class TriggerMessage : public TriggerType {
public:
    std::string name() const override { return "trigger.message"; }
    const std::string& paramsSchema() const override {
        static const std::string schema = kSchema;
        return schema;
    }
    std::vector<std::string> eventTypes() const override { return {"message.received"}; }
    std::vector<std::string> eventTypesFor(const Json& params) const override {
        std::vector<std::string> types = eventTypes();
        const Json& automatic = memberAt(params, "include_automatic");
        if (automatic == true || (automatic.is_array() && !automatic.empty()))
            types.push_back("message.auto_received");
        if (flagAt(params, "include_history")) types.push_back("message.imported");
        return types;
    }

private:
    Result<EventFilter> filterOf(const Json& params) const override {
        EventFilter filter;
        Json type = memberAt(params, "message_type");
        // data.type is the node's own name where the editor's node.type says only "custom".
        if (type.is_null() && memberAt(params, "type") != name()) type = memberAt(params, "type");
        for (const auto& [path, wanted] :
             {std::pair<const char*, const Json&>{"message.channel", memberAt(params, "channel")},
              {"message.account", memberAt(params, "account")},
              {"message.type", type}}) {
            if (auto added = filter.requireOneOf(path, wanted); !added)
                return withContext(path, added.error());
        }
        if (auto added = requireText(filter, memberAt(params, "text")); !added) return added.error();
        if (auto added = requireKind(filter, memberAt(params, "include_automatic")); !added)
            return added.error();
        // History is what was sent, too.
        if (auto added = filter.require("message.direction != 'out'"); !added) return added.error();
        const Json& first = memberAt(params, "first_contact");
        if (first.is_boolean()) {
            const auto added = filter.require(first.get<bool>() ? "first_contact" : "not first_contact");
            if (!added) return added.error();
        }
        if (const std::string condition = textAt(params, "condition"); !condition.empty()) {
            if (auto added = filter.require(condition); !added)
                return withContext("condition", added.error());
        }
        return filter;
    }
};

}  // namespace

const NodeType& type() {
    static const TriggerMessage instance;
    return instance;
}

}  // namespace signalbox::workflow::trigger_message

// Waits until the person writes in the conversation. Messages that came since the run began count, the one
// that started it does not.
#include "workflow/engine/event_waits.h"
#include "workflow/event_filter.h"
#include "workflow/time_out.h"

namespace signalbox::workflow::wait_reply {

extern const char* const kSchema;

namespace {

struct PreparedWait : Prepared {
    Params conversation;
    TimeOut time_out;
    EventFilter filter;
};

class WaitReply : public NodeType {
public:
    std::string name() const override { return "wait_reply"; }
    const std::string& paramsSchema() const override {
        static const std::string schema = kSchema;
        return schema;
    }
    std::vector<Port> ports(const Json&) const override {
        return {{"reply", "Reply"}, {"timeout", "Time-out"}};
    }
    std::vector<std::string> check(const Json& params) const override {
        if (const auto made = prepare(params); !made) return {made.error().message};
        return {};
    }
    Result<std::unique_ptr<const Prepared>> prepare(const Json& params) const override {
        auto prepared = std::make_unique<PreparedWait>();
        auto conversation = Params::compile(memberAt(params, "conversation"));
        if (!conversation) return withContext("conversation", conversation.error());
        auto time_out = TimeOut::read(params);
        if (!time_out) return time_out.error();
        if (auto added = prepared->filter.requireCondition(params); !added) return added.error();
        // «We have received your request» of a ticket system is no reply.
        if (auto added = prepared->filter.require("message.content.auto_kind != 'auto_generated'"); !added)
            return added.error();
        conversation->collectNames(prepared->names);
        time_out->collectNames(prepared->names);
        prepared->conversation = std::move(*conversation);
        prepared->time_out = std::move(*time_out);
        return std::unique_ptr<const Prepared>(std::move(prepared));
    }
    Result<Outcome> enter(const NodeInput& input) const override {
        const auto& prepared = static_cast<const PreparedWait&>(input.prepared);
        const auto value = prepared.conversation.render(input.scope);
        if (!value) return withContext("conversation", value.error());
        std::string conversation = textIn(*value);
        const Json& trigger = memberAt(input.scope, "trigger");
        if (conversation.empty()) conversation = textAt(memberAt(trigger, "message"), "conversation_id");
        if (conversation.empty()) conversation = textAt(trigger, "conversation_id");
        if (!parseId(kConversationId, conversation))
            return Error{ErrorKind::Invalid,
                         "conversation: the event that started the run belongs to none; name one (cnv_…)"};
        const auto deadline = prepared.time_out.deadline(input);
        if (!deadline) return deadline.error();
        return Outcome(Await{EventKey{"message.received", "conversation", conversation}.text(), *deadline});
    }
    Result<Outcome> resume(const NodeInput&, const Json& answer) const override {
        if (flagAt(answer, "timed_out")) return Outcome(Next{"timeout", std::nullopt});
        return Outcome(Next{"reply", answer});
    }
    Result<bool> matches(const Prepared& prepared, const Json& event) const override {
        return static_cast<const PreparedWait&>(prepared).filter.holds(event);
    }
};

}  // namespace

const NodeType& type() {
    static const WaitReply instance;
    return instance;
}

}  // namespace signalbox::workflow::wait_reply

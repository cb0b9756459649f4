// Asks people to decide and waits: by a link that works once, or by the API.
#include "workflow/engine/event_waits.h"
#include "workflow/time_out.h"

namespace signalbox::workflow::wait_approval {

extern const char* const kSchema;

namespace {

struct PreparedWait : Prepared {
    Params title, details, notify;
    TimeOut time_out;
};

class WaitApproval : public NodeType {
public:
    std::string name() const override { return "wait_approval"; }
    const std::string& paramsSchema() const override {
        static const std::string schema = kSchema;
        return schema;
    }
    std::vector<Port> ports(const Json&) const override {
        return {{"approved", "Approved"}, {"rejected", "Rejected"}, {"timeout", "Time-out"}};
    }
    std::vector<std::string> check(const Json& params) const override {
        if (const auto made = prepare(params); !made) return {made.error().message};
        return {};
    }
    Result<std::unique_ptr<const Prepared>> prepare(const Json& params) const override {
        auto prepared = std::make_unique<PreparedWait>();
        for (const auto& [name, into] : {std::pair<const char*, Params*>{"title", &prepared->title},
                                         {"details", &prepared->details},
                                         {"notify", &prepared->notify}}) {
            auto compiled = Params::compile(memberAt(params, name));
            if (!compiled) return withContext(name, compiled.error());
            compiled->collectNames(prepared->names);
            *into = std::move(*compiled);
        }
        auto time_out = TimeOut::read(params);
        if (!time_out) return time_out.error();
        time_out->collectNames(prepared->names);
        prepared->time_out = std::move(*time_out);
        return std::unique_ptr<const Prepared>(std::move(prepared));
    }
    Result<Outcome> enter(const NodeInput& input) const override {
        const auto& prepared = static_cast<const PreparedWait&>(input.prepared);
        const auto title = prepared.title.render(input.scope);
        if (!title) return withContext("title", title.error());
        const auto details = prepared.details.render(input.scope);
        if (!details) return withContext("details", details.error());
        const auto notify = prepared.notify.render(input.scope);
        if (!notify) return withContext("notify", notify.error());
        const auto deadline = prepared.time_out.deadline(input);
        if (!deadline) return deadline.error();
        Json request = {
            {"kind", "approval.create"}, {"title", textIn(*title)}, {"details", textIn(*details)}};
        if (*deadline) request["expires_at"] = toRfc3339(**deadline);
        if (notify->is_object()) request["notify"] = *notify;
        return Outcome(Act{std::move(request)});
    }
    Result<Outcome> resume(const NodeInput& input, const Json& answer) const override {
        if (flagAt(answer, "timed_out")) return Outcome(Next{"timeout", std::nullopt});
        if (textAt(answer, "state") == "dry_run") return Outcome(Next{"approved", answer});
        if (answer.contains("output")) {  // asked; the same walk goes on, so the time is that of `enter`
            const auto deadline = static_cast<const PreparedWait&>(input.prepared).time_out.deadline(input);
            if (!deadline) return deadline.error();
            const EventKey key{"approval.decided", "approval_id", textAt(answer["output"], "id")};
            return Outcome(Await{key.text(), *deadline});
        }
        const bool is_approved = textAt(answer, "decision") == "approved";
        return Outcome(Next{is_approved ? "approved" : "rejected", answer});
    }
    Result<bool> matches(const Prepared&, const Json&) const override { return true; }
};

}  // namespace

const NodeType& type() {
    static const WaitApproval instance;
    return instance;
}

}  // namespace signalbox::workflow::wait_approval

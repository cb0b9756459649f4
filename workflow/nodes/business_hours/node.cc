// Tells working time from other time, by a calendar of the organization or by hours that stand in the node.
#include "hub/calendars/calendars.h"
#include "workflow/node_type.h"
#include "workflow/params.h"

namespace signalbox::workflow::business_hours {

extern const char* const kSchema;

namespace {

struct PreparedHours : Prepared {
    Params at, calendar;
    std::optional<Calendar> own;
};

class BusinessHours : public NodeType {
public:
    std::string name() const override { return "business_hours"; }
    const std::string& paramsSchema() const override {
        static const std::string schema = kSchema;
        return schema;
    }
    std::vector<Port> ports(const Json&) const override { return {{"open", "Open"}, {"closed", "Closed"}}; }
    std::vector<std::string> check(const Json& params) const override {
        const auto made = prepare(params);
        if (made) return {};
        return {made.error().message};
    }
    Result<std::unique_ptr<const Prepared>> prepare(const Json& params) const override {
        auto prepared = std::make_unique<PreparedHours>();
        for (const auto& [name, target] :
             {std::pair("at", &prepared->at), {"calendar", &prepared->calendar}}) {
            auto compiled = Params::compile(memberAt(params, name));
            if (!compiled) return withContext(name, compiled.error());
            compiled->collectNames(prepared->names);
            *target = std::move(*compiled);
        }
        if (params.contains("hours")) {
            Json body = {{"hours", params["hours"]}};
            for (const char* member : {"zone", "holidays"}) {
                if (params.contains(member)) body[member] = params[member];
            }
            auto own = Calendar::read(body);
            if (!own) return own.error();
            prepared->own = std::move(*own);
        }
        return std::unique_ptr<const Prepared>(std::move(prepared));
    }
    Result<Outcome> enter(const NodeInput& input) const override {
        const auto& prepared = static_cast<const PreparedHours&>(input.prepared);
        const auto given = prepared.at.render(input.scope);
        if (!given) return withContext("at", given.error());
        const std::string text = textIn(*given);
        const auto at = text.empty() ? std::optional(input.now) : parseRfc3339(text);
        if (!at) return Error{ErrorKind::Invalid, "at: must be a time such as 2026-11-21T07:00:00Z"};
        if (prepared.own) return leave(toJson(*prepared.own, *at));
        const auto calendar = prepared.calendar.render(input.scope);
        if (!calendar) return withContext("calendar", calendar.error());
        return Outcome(
            Act{{{"kind", "calendar.look"}, {"calendar", textIn(*calendar)}, {"at", toRfc3339(*at)}}, true});
    }
    Result<Outcome> resume(const NodeInput&, const Json& answer) const override {
        return leave(memberAt(answer, "output"));
    }

private:
    static Outcome leave(const Json& moment) {
        return Next{flagAt(moment, "is_open") ? "open" : "closed", moment};
    }
};

}  // namespace

const NodeType& type() {
    static const BusinessHours instance;
    return instance;
}

}  // namespace signalbox::workflow::business_hours

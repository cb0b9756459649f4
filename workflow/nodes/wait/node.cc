// Waits for a span of time or until a point of time; the wait survives restarts.
#include <cmath>

#include "workflow/node_type.h"
#include "workflow/params.h"

namespace signalbox::workflow::wait {

extern const char* const kSchema;

namespace {

constexpr double kMaxSeconds = 366.0 * 24 * 3600;

struct PreparedWait : Prepared {
    Params seconds, until;
    bool has_until = false;
};

class Wait : public NodeType {
public:
    std::string name() const override { return "wait"; }
    const std::string& paramsSchema() const override {
        static const std::string schema = kSchema;
        return schema;
    }
    std::vector<std::string> check(const Json& params) const override {
        auto faults = checkAll(params);
        if (params.contains("seconds") == params.contains("until")) {
            faults.push_back("needs either `seconds` or `until`");
        }
        return faults;
    }
    Result<std::unique_ptr<const Prepared>> prepare(const Json& params) const override {
        auto prepared = std::make_unique<PreparedWait>();
        prepared->has_until = params.contains("until");
        auto compiled = Params::compile(prepared->has_until ? params["until"] : memberAt(params, "seconds"));
        if (!compiled) return withContext(prepared->has_until ? "until" : "seconds", compiled.error());
        compiled->collectNames(prepared->names);
        (prepared->has_until ? prepared->until : prepared->seconds) = std::move(*compiled);
        return std::unique_ptr<const Prepared>(std::move(prepared));
    }
    Result<Outcome> enter(const NodeInput& input) const override {
        const auto& prepared = static_cast<const PreparedWait&>(input.prepared);
        const auto value = (prepared.has_until ? prepared.until : prepared.seconds).render(input.scope);
        if (!value) return withContext(prepared.has_until ? "until" : "seconds", value.error());
        if (prepared.has_until) {
            const auto until = value->is_string() ? parseRfc3339(value->get<std::string>()) : std::nullopt;
            if (!until)
                return Error{ErrorKind::Invalid, "until: must be a time such as 2026-11-21T07:00:00Z"};
            return Outcome(Sleep{*until});
        }
        const auto seconds = numberIn(*value);
        if (!seconds || *seconds < 0 || *seconds > kMaxSeconds) {
            return Error{ErrorKind::Invalid, "seconds: must be a number from 0 to 31622400"};
        }
        return Outcome(Sleep{input.now + std::chrono::microseconds(std::llround(*seconds * 1e6))});
    }
    Result<Outcome> resume(const NodeInput&, const Json&) const override { return Outcome(Next{}); }
};

}  // namespace

const NodeType& type() {
    static const Wait instance;
    return instance;
}

}  // namespace signalbox::workflow::wait

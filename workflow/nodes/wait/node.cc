// Waits for a span of time or until a point of time; the wait survives restarts.
#include <cmath>

#include "workflow/node_type.h"
#include "workflow/params.h"

namespace signalbox::workflow::wait {

extern const char* const kSchema;

namespace {

constexpr double kMaxSeconds = 366.0 * 24 * 3600;

constexpr const char* kSecondsRule = "must be a number from 0 to 31622400";
constexpr const char* kUntilRule = "must be a time such as 2026-11-21T07:00:00Z";

std::optional<double> secondsIn(const Json& value) {
    const auto seconds = numberIn(value);
    return seconds && *seconds >= 0 && *seconds <= kMaxSeconds ? seconds : std::nullopt;
}

std::optional<TimePoint> timeIn(const Json& value) {
    return value.is_string() ? parseRfc3339(value.get_ref<const std::string&>()) : std::nullopt;
}

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
        // What is no expression is the same in every run.
        const auto isConstant = [&](const char* name) {
            return params.contains(name) &&
                   !(params[name].is_string() &&
                     params[name].get_ref<const std::string&>().find("{{") != std::string::npos);
        };
        if (isConstant("seconds") && !secondsIn(params["seconds"]))
            faults.push_back(std::string("seconds: ") + kSecondsRule);
        if (isConstant("until") && !timeIn(params["until"]))
            faults.push_back(std::string("until: ") + kUntilRule);
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
            const auto until = timeIn(*value);
            if (!until) return Error{ErrorKind::Invalid, std::string("until: ") + kUntilRule};
            return Outcome(Sleep{*until});
        }
        const auto seconds = secondsIn(*value);
        if (!seconds) return Error{ErrorKind::Invalid, std::string("seconds: ") + kSecondsRule};
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

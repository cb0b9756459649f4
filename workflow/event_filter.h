// What a trigger asks of an event: conditions that must all hold, each an expression over the event's
// payload. Built once for each published version; immutable afterwards, used by any number of threads.
#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "workflow/expr/expression.h"
#include "workflow/node_type.h"

namespace signalbox::workflow {

class EventFilter {
public:
    Status require(const std::string& expression);
    // `wanted`: a text or a list of texts that the value at `path` must be among; null or empty asks nothing.
    Status requireOneOf(const std::string& path, const Json& wanted);

    Result<bool> holds(const Json& event) const;

private:
    std::vector<Expression> conditions_;
};

struct PreparedTrigger : Prepared {
    EventFilter filter;
};

// Passes the trigger's data on: what every trigger node does when its run begins.
class TriggerType : public NodeType {
public:
    bool isTrigger() const override { return true; }
    std::vector<std::string> check(const Json& params) const override;
    Result<std::unique_ptr<const Prepared>> prepare(const Json& params) const override;
    Result<Outcome> enter(const NodeInput&) const override { return Outcome(Next{}); }
    Result<bool> matches(const Prepared& prepared, const Json& event) const override;

private:
    // Turns the params into conditions.
    virtual Result<EventFilter> filterOf(const Json& params) const = 0;
};

}  // namespace signalbox::workflow

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

    // `condition` of the params: an expression, or empty.
    Status requireCondition(const Json& params);

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

// A trigger that only asks for types of events and for values in them; most triggers are rows of that kind.
class FieldTrigger : public TriggerType {
public:
    struct Field {
        const char* param;  // a text or a list of texts
        const char* path;   // of the value in the event that must be among them
    };
    FieldTrigger(std::string name, const char* schema, std::vector<std::string> types,
                 std::vector<Field> fields)
        : name_(std::move(name)), schema_(schema), types_(std::move(types)), fields_(std::move(fields)) {}

    std::string name() const override { return name_; }
    const std::string& paramsSchema() const override { return schema_; }
    std::vector<std::string> eventTypes() const override { return types_; }
    // With a param `events` ("answered", or a list of them) only the types that end so.
    std::vector<std::string> eventTypesFor(const Json& params) const override;

private:
    Result<EventFilter> filterOf(const Json& params) const override;

    const std::string name_, schema_;
    const std::vector<std::string> types_;
    const std::vector<Field> fields_;
};

}  // namespace signalbox::workflow

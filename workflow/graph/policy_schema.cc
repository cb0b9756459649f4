// What every node may say besides its own parameters, for the forms of editors. The bounds are those that
// readPolicy checks.
#include "workflow/graph/node_catalog.h"

namespace signalbox::workflow {
namespace {

constexpr const char* kPolicySchema = R"j({
  "join": {"title": "Join", "description": "Which inputs it waits for: all; any goes on with the first and lets the other branches go on for themselves; first ends them; {\"n\": K} as soon as K have come.", "default": "all", "anyOf": [{"enum": ["all", "any", "first"]}, {"type": "object", "required": ["n"], "additionalProperties": false, "properties": {"n": {"type": "integer", "minimum": 1, "maximum": 10000}}}]},
  "join_timeout_s": {"title": "Join: wait at most (s)", "description": "From the first input on; then it goes on with what has come.", "type": "number", "minimum": 0, "maximum": 31622400},
  "retry": {"title": "Try again", "description": "When another try may help; Retry-After is waited at least.", "type": "object", "additionalProperties": false, "properties": {
    "attempts": {"title": "Attempts in all", "type": "integer", "minimum": 1, "maximum": 1000, "default": 3},
    "first_wait_s": {"title": "First wait (s)", "type": "number", "minimum": 0, "maximum": 31622400},
    "factor": {"title": "Each wait times", "type": "number", "minimum": 1, "maximum": 100},
    "max_wait_s": {"title": "Longest wait (s)", "type": "number", "minimum": 0, "maximum": 31622400},
    "jitter": {"title": "Chance", "description": "A share of the wait that is added at random.", "type": "number", "minimum": 0, "maximum": 1},
    "total_s": {"title": "In all (s)", "description": "No further attempt begins later than this after the first.", "type": "number", "minimum": 0, "maximum": 31622400},
    "on": {"title": "Errors", "description": "Kinds or codes of errors that are tried again, or any; left out: those that another try may help.", "type": "array", "items": {"type": "string"}}}},
  "timeout_s": {"title": "Time-out (s)", "description": "Ends the node's waiting with the error timeout.", "type": "number", "minimum": 0.001, "maximum": 31622400},
  "on_error": {"title": "On an error", "description": "fail: the run fails. continue: through the first port. port: through the port error. Left out: port when something is connected to it, else fail.", "enum": ["fail", "continue", "port"]},
  "max_iterations": {"title": "Cycle: most passes", "description": "On the node that a cycle of edges comes back to.", "type": "integer", "minimum": 1, "maximum": 1000000},
  "disabled": {"title": "Disabled", "description": "The data go through it untouched.", "type": "boolean", "default": false}
})j";

}  // namespace

const Json& policySchema() {
    static const Json schema = [] {
        auto parsed = parseJson(kPolicySchema);
        return parsed ? std::move(*parsed) : Json::object();
    }();
    return schema;
}

}  // namespace signalbox::workflow

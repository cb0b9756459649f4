// A node decides, the engine acts. A node type is pure: the same input gives the same outcome; it never
// sends, sleeps, reads the clock or keeps state between calls. Called from any number of threads at once.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/json.h"
#include "base/result.h"

namespace signalbox::workflow {

// What a node type makes of its params once for each published version: compiled expressions and templates.
struct Prepared {
    virtual ~Prepared() = default;
    std::vector<std::string> names;  // what its expressions read ("item", "nodes.ask.output", "message" …)
};

// What a node sees when it is entered. All references live for the length of the call.
struct NodeInput {
    const Json& params;        // node.data as it was published with the schema's defaults, not yet evaluated
    const Prepared& prepared;  // what `prepare` made of them
    const Json& item;          // the data that came in over the edge (the trigger's data for the first node)
    // {"trigger": …, "item": …, "inputs": {"<source or handle>": …}, "nodes": {"<id>": {"output": …}}, "run":
    // {…}, "env": {…}, "vars": {…}} and the members of the trigger's data ("message" …). It holds what
    // `prepared.names` asks for.
    const Json& scope;
    TimePoint now;       // the run's recorded time of this step, not the wall clock
    std::uint64_t seed;  // the run's recorded randomness for this step
};

// Goes on through a port, with data for the next node; without `output` the item goes on as it is. Port "out"
// is the only one of most nodes.
struct Next {
    std::string port = "out";
    std::optional<Json> output;
    Json variables;  // an object: what these variables of the run are from now on
};
// Waits until a time, then `resume` is called with null; in a dry run at once.
struct Sleep {
    TimePoint until;
};
// Waits for an event that carries `key`, at most until `deadline`; `resume` gets the event's data, or
// {"timed_out": true}; in a dry run at once {"state": "dry_run"}.
struct Await {
    std::string key;
    std::optional<TimePoint> deadline;
};
// Puts something in the outbox; `resume` gets {"state": "sent"|"failed"|"uncertain"|"cancelled",
// "external_id", "content", "error"}, in a dry run {"state": "dry_run"}.
struct Send {
    Json request;  // what hub/outbox understands: {"account", "to", "type", "text", …}, {"conversation_id",
                   // …} or {"kind": "http", …}
    bool wait_for_receipt = true;  // false: `resume` is called at once with {"state": "queued"}
};
// Runs a Lua script in the sandbox; `resume` gets {"result": …, "logs": […]}.
struct Call {
    std::string_view source;   // Lua text with `function run(item)`; lives in `prepared`
    std::optional<Json> item;  // absent: the node's own item
    std::chrono::milliseconds cpu_budget{100};
};
// Answers the HTTP request that started the run (once; later ones are recorded only) and goes on through
// "out".
struct Respond {
    int status = 200;
    Json headers = Json::object();
    std::string body;
    std::optional<Json> output;  // absent: the item goes on
};
// Changes something in the hub, in the commit of this walk: {"kind": "conversation.assign", …}. `resume` gets
// {"output": …} at once (ids are made before the commit), in a dry run {"state": "dry_run"}. A kind that
// nobody has added (daemon/app/workflow_actions.h) or a request that is refused is the node's error.
struct Act {
    Json request;
    bool only_reads = false;  // changes nothing: done in a dry run as well
};
// Starts a run of another workflow, in the commit of this walk. `resume` gets {"status":
// "succeeded"|"failed"| "cancelled"|"quarantined", "run", "result", "error"} when it is over; without `wait`,
// and in a dry run, at once {"status": "started", "run"} or {"state": "dry_run"}.
struct Spawn {
    std::string workflow;  // name
    Json input;
    bool wait = true;
};
// What an iteration's error does: ends the loop with that error; or the others go on.
enum class OnItemError { Stop, Continue, Collect };
// Repeats what hangs on the node's port "each" (or has it as parent), once for each item. `resume` gets
// {"results": […], "errors": [{"index", "item", "error"}], "count", "failed", "next_index"}; results are in
// the order of the items, null where an iteration failed. Of a long source "errors" holds the first thousand
// only, and the results are kept apart: then "spilled" is true and "results" is empty.
struct Repeat {
    Json items;
    std::int64_t concurrency = 1;  // iterations under way at once; more than one overlap in their waits
    OnItemError on_error = OnItemError::Stop;
    std::int64_t first_index = 0;  // of the first item, for a loop that repeats again and again
    bool passes_on = false;        // `resume` sees the last result as its item
    Json variables;                // an object: variables that belong to this loop, not to what is around it
    Json source;  // instead of `items`: where rows are read from piece by piece, {"file": "fil_…"}
};
// Ends the whole run, whatever else waits.
struct Stopped {
    bool is_failure = false;
    std::string message;         // of a failure
    std::optional<Json> output;  // the run's result; absent: the item
};
using Outcome = std::variant<Next, Sleep, Await, Send, Call, Respond, Act, Spawn, Repeat, Stopped>;

struct Port {
    std::string id;  // = the React Flow handle id
    std::string label;
};

class NodeType {
public:
    virtual ~NodeType() = default;
    virtual std::string name() const = 0;  // "send_message", "trigger.message" …
    // JSON Schema of node.data; also the form an editor shows, and the only place of defaults.
    virtual const std::string& paramsSchema() const = 0;
    virtual bool isTrigger() const { return false; }
    // The ports that leave this node with these params (a switch has one for each case). Every node has
    // "error" besides, used when something is connected to it.
    virtual std::vector<Port> ports(const Json& params) const;
    // A loop: has the ports "each" and "done" and gives the outcome Repeat.
    virtual bool repeats() const { return false; }
    // Loops: what an iteration gave, where the node says so; looked at inside of it, `input.item` is what its
    // last node gave. Nothing: that is the result.
    virtual Result<std::optional<Json>> passResult(const NodeInput& input) const;
    // Faults that the schema cannot express, each a short sentence (a bad expression with its position …).
    virtual std::vector<std::string> check(const Json& params) const;
    // `params` have passed the schema and `check`, with defaults filled in.
    virtual Result<std::unique_ptr<const Prepared>> prepare(const Json& params) const;
    virtual Result<Outcome> enter(const NodeInput& input) const = 0;
    virtual Result<Outcome> resume(const NodeInput& input, const Json& answer) const;
    // Triggers: whether an event of the log starts a run. Nodes that wait for one: whether it is the one.
    // `event` is the event's payload with "type", "offset" and "created_at".
    virtual Result<bool> matches(const Prepared& prepared, const Json& event) const;
    // Triggers only: the event types this one can match, for the index; and those that it does with its
    // params.
    virtual std::vector<std::string> eventTypes() const { return {}; }
    virtual std::vector<std::string> eventTypesFor(const Json&) const { return eventTypes(); }
};

// All node types of this build, by folder; the list is generated by CMake from workflow/nodes.
const std::vector<const NodeType*>& nodeTypes();
const NodeType* findNodeType(std::string_view name);

}  // namespace signalbox::workflow

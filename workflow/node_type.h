// A node decides, the engine acts. A node type is pure: the same input gives the same outcome; it never
// sends, sleeps, reads the clock or keeps state between calls. Called from any number of threads at once.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/json.h"
#include "base/result.h"

namespace signalbox::workflow {

// What a node sees when it is entered. All references live for the length of the call.
struct NodeInput {
    const Json& params;  // node.data as it was published, `{{ … }}` not yet evaluated
    const Json& item;    // the data that came in over the edge (the trigger's data for the first node)
    const Json& scope;  // {"trigger": …, "item": …, "nodes": {"<id>": {"output": …}}, "run": {…}, "vars":
                        // {…}, "env": {…}}
    TimePoint now;       // the run's recorded time of this step, not the wall clock
    std::uint64_t seed;  // the run's recorded randomness for this step
};

// Goes on through a port, with data for the next node. Port "out" is the only one of most nodes.
struct Next {
    std::string port = "out";
    Json output;
};
// Waits until a time, then `resume` is called with null.
struct Sleep {
    TimePoint until;
};
// Waits for an event that carries `key` ({"kind": …, …}), at most until `deadline`; `resume` gets the event's
// data, or {"timed_out": true}.
struct Await {
    std::string key;
    std::optional<TimePoint> deadline;
};
// Puts something in the outbox; `resume` gets {"state": "sent"|"failed"|"uncertain", "external_id",
// "content", "error"}.
struct Send {
    Json request;  // what hub/outbox understands: {"account", "to", "type", "text", …} or {"conversation_id",
                   // …}
    bool wait_for_receipt = true;  // false: `resume` is called at once with {"state": "queued"}
};
// Runs a Lua script in the sandbox; `resume` gets {"result": …, "logs": […]}.
struct Call {
    std::string source;  // Lua text with `function run(item)`
    Json item;
    std::chrono::milliseconds cpu_budget{100};
};
// Answers the HTTP request that started the run (once; later ones are recorded only) and goes on through
// "out".
struct Respond {
    int status = 200;
    Json headers = Json::object();
    std::string body;
    Json output;
};
using Outcome = std::variant<Next, Sleep, Await, Send, Call, Respond>;

struct Port {
    std::string id;  // = the React Flow handle id
    std::string label;
};

class NodeType {
public:
    virtual ~NodeType() = default;
    virtual std::string name() const = 0;  // "send_message", "trigger.message" …
    virtual const std::string& paramsSchema()
        const = 0;  // JSON Schema of node.data; also the form an editor shows
    virtual bool isTrigger() const { return false; }
    // The ports that leave this node with these params (a switch has one for each case).
    virtual std::vector<Port> ports(const Json& params) const;
    // Faults that the schema cannot express, each a short sentence (a bad expression with its position …).
    virtual std::vector<std::string> check(const Json& params) const;
    virtual Result<Outcome> enter(const NodeInput& input) const = 0;
    virtual Result<Outcome> resume(const NodeInput& input, const Json& answer) const;
    // Triggers only: whether an event of the log starts a run. `event` is {"type", "offset", "account",
    // "channel", …}.
    virtual Result<bool> matches(const Json& params, const Json& event) const;
    // Triggers only: the event types this one can match, for the index.
    virtual std::vector<std::string> eventTypes() const { return {}; }
};

const std::vector<const NodeType*>& nodeTypes();
const NodeType* findNodeType(std::string_view name);

}  // namespace signalbox::workflow

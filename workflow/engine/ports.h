// What the engine needs from the rest of the daemon, as interfaces: sending, and answering the request that
// started a run. Implemented by hub/outbox and by daemon/api; wired in daemon/app.
#pragma once

#include <cstdint>
#include <exception>
#include <functional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/http_message.h"
#include "base/ids.h"
#include "base/json.h"
#include "base/result.h"
#include "hub/store/store.h"

namespace signalbox::workflow {

// Something that a node sends.
struct EffectRequest {
    Id org = 0;
    Id run = 0;
    Id conversation = 0;          // of the event that started the run; 0: none
    std::string workflow, node;   // names, for the message's author
    std::string idempotency_key;  // UNIQUE in the outbox: a repetition does nothing
    // Comes back in the log event "outbox.finished" {"run_key", "state":
    // "sent"|"failed"|"uncertain"|"cancelled", "external_id", "content", "error", "code"}. Empty: nobody
    // waits.
    std::string run_key;
    const Json&
        request;  // {"account", "to", "type", "text", …}, {"conversation_id", …} or {"kind": "http", …}
};

class Effects {
public:
    virtual ~Effects() = default;
    // Checks and renders on a workflow worker (it may read the database); what it returns is run inside
    // Writes, in the commit of the walk, perhaps more than once. An error (unknown account, bad recipient) is
    // the node's.
    virtual Result<std::function<void(Tx&)>> prepare(const EffectRequest& effect) = 0;
};

// A change of the hub that a node asks for (`Act`).
struct ActionRequest {
    Id org = 0;
    Id run = 0;
    Id conversation = 0;          // of the event that started the run; 0: none
    std::string workflow, node;   // names, for the author of the change
    std::string path;             // of the loops around the node, "" outside of any: "each[3]/inner[0]"
    std::string idempotency_key;  // the same whenever this node run is repeated
    TimePoint now{};              // the run's recorded time
    const Json& request;          // {"kind": …, …}
};

// Thrown by an action's `apply` when the change cannot be made after all. Nothing of the walk is written
// then; the run is walked again, with this as the node's error.
struct ActionRefused : std::exception {
    explicit ActionRefused(Error error_) : error(std::move(error_)) {}
    const char* what() const noexcept override { return error.message.c_str(); }
    Error error;
};

struct PreparedAction {
    Json output;                     // what the node gets, ids of what will be made included
    std::function<void(Tx&)> apply;  // may be empty: nothing to change
};

class Actions {
public:
    virtual ~Actions() = default;
    // Checks on a workflow worker (it may read the database) and makes ids; `apply` is run inside Writes, in
    // the commit of the walk, perhaps more than once. What it finds changed meanwhile it bears, as the node
    // has its output already, or it throws ActionRefused. An error is the node's.
    virtual Result<PreparedAction> prepare(const ActionRequest& action) = 0;
};

struct RowChunk {
    std::vector<Json> rows;
    Json rest;  // the source, behind these rows
};

// Lists that are longer than memory, for loops.
class RowSource {
public:
    virtual ~RowSource() = default;
    // The next rows, at most `most`; none at the end. Called on a workflow worker; the same source gives the
    // same rows, so that a walk can be repeated. An error is the node's.
    virtual Result<RowChunk> read(Id org, Json source, std::size_t most) = 0;
};

// Called on the store's writer thread after the commit: hand over and return.
class ResponseSink {
public:
    virtual ~ResponseSink() = default;
    // The answer of a run that the event at `offset` started. The first one counts.
    virtual void respond(std::int64_t offset, HttpResponse response) = 0;
    // No run of this event will answer (any more). Every offset is finished or answered, also those that
    // start no run; an offset that nobody asked about is ignored.
    virtual void finished(std::int64_t offset) = 0;
    // The same when a run that might have answered failed, or was ended, before it did.
    virtual void failed(std::int64_t offset) = 0;
};

}  // namespace signalbox::workflow

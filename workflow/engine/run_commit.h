// What one walk leaves behind, made ready outside of the database's writer and written in one go: the run,
// its history, what goes to the outbox, what it waits for.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/http_message.h"
#include "hub/log/event_log.h"
#include "workflow/engine/catalog.h"
#include "workflow/engine/run_rows.h"
#include "workflow/engine/step.h"

namespace signalbox::workflow {

struct RunCommit {
    RunRow row;
    bool is_new = false;
    std::int64_t revision = 0;                      // of a run that exists: what the walk began with
    std::string steps;                              // empty: no walk yet
    std::vector<std::function<void(Tx&)>> effects;  // changes of the hub, then what goes to the outbox
    std::vector<WaitRow> waits;
    bool had_waits = false;
    std::vector<std::int64_t> look_back;  // waits for which the log is to be looked through
    std::optional<HttpResponse> response;
    TimePoint at{};                                 // of the walk
    bool may_respond = false;                       // later, when it waits now
    bool is_applied = false;                        // set anew by each `write`
    std::vector<std::shared_ptr<RunRow>> children;  // begun by this walk; shared with what inserts them
    bool has_children = false;                      // it started some, now or before
    std::vector<std::int64_t> orphans;              // waits for children that have ended
    std::vector<Spill> spills;
    bool shares_response = false;  // another daemon may hold the connection of whoever waits for it
    std::vector<Id> next_in_lane;  // whose turn it is now; set anew by each `write`
    // Types of events that triggers listen to and runs may cause; empty: not looked after (run_causes.h).
    std::shared_ptr<const EventTypes> listened_to;  // shared by commits

    // Inside Writes. Throws ActionRefused. `is_applied` is false when the run exists already or moved on
    // meanwhile.
    void write(Tx& tx, EventLog& log);

private:
    void writeRun(Tx& tx, EventLog& log);
};

// Puts what a walk gave into the run's row. Adds the walk to the history under the row's new revision.
RunCommit settle(RunRow row, const CompiledWorkflow& workflow, const RunState& state, Walk walk,
                 TimePoint now);

// The offset of the event that started the run, if one did.
std::optional<std::int64_t> triggerOffset(const RunRow& row);

}  // namespace signalbox::workflow

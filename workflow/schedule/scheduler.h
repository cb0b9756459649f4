// Starts runs by the clock. What is due stands in the table `schedules`, one row for each schedule trigger of
// a published workflow. When its time has come, one commit moves the row on and appends an event
// "schedule.due" that names workflow and trigger; the engine starts the run from that event. So an instant
// starts one run, whatever crashes and however many daemons share the database: only the one that moves the
// row appends.
//
// One thread of its own; public calls from any thread.
#pragma once

#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "hub/log/event_log.h"
#include "hub/store/store.h"
#include "workflow/engine/workflow_store.h"

namespace signalbox::workflow {

class Scheduler {
public:
    // All outlive the object.
    Scheduler(Store& store, Clock& clock, EventLog& log, WorkflowStore& workflows);
    ~Scheduler();

    // Returns at once; workflows that were published before are looked through on the thread.
    void start();
    void stop();

private:
    struct Row {
        Id workflow = 0, org = 0;
        std::string node, name, spec;
        std::int64_t anchor_at = 0, due_at = 0;
    };

    void work(const std::stop_token& stop);
    // The rows of a workflow become those that its triggers ask for; one that asks for the same as before
    // keeps its time.
    Status sync(const CompiledWorkflow& workflow);
    // Returns how many were due.
    std::size_t fireDue();
    std::vector<Row> dueRows() const;
    std::optional<TimePoint> nextDue() const;

    Store& store_;
    Clock& clock_;
    EventLog& log_;
    WorkflowStore& workflows_;
    Wakeup wakeup_;
    std::jthread thread_;
};

// The schedules of an organization as the API shows them: {items: [{workflow, node, next_at, …}], next:
// null}.
Json listSchedules(Store& store, Id org);

}  // namespace signalbox::workflow

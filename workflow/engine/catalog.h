// The published workflows, ready to run: the current ones by event type, older versions on demand for runs
// that still use them. Publishing swaps the index as a whole; whoever holds the old one finishes with it.
// Thread-safe.
#pragma once

#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "workflow/engine/workflow_store.h"

namespace signalbox::workflow {

using EventTypes = std::set<std::string, std::less<>>;

// Immutable.
struct TriggerIndex {
    std::map<Id, WorkflowRef> by_id;
    std::unordered_map<std::string, std::vector<WorkflowRef>> by_event;
    // Those of by_event that runs may cause; null when there is none. Shared by the commits that look after
    // them.
    std::shared_ptr<const EventTypes> caused_types;
};
// Shared: a reader keeps its index while publishing replaces it.
using TriggerIndexRef = std::shared_ptr<const TriggerIndex>;

class Catalog {
public:
    explicit Catalog(const WorkflowStore& store) : store_(store) {}

    void load();
    void install(const WorkflowRef& workflow);
    void remove(Id workflow);
    // What another node published, withdrew or renamed. Throws StoreError.
    void refresh(Id workflow);
    TriggerIndexRef index() const;

    // The version a run began with.
    Result<WorkflowRef> version(Id workflow, std::int64_t version);
    WorkflowRef current(Id workflow) const;  // null when not published

private:
    static constexpr std::size_t kMaxOld = 256;
    using Key = std::pair<Id, std::int64_t>;

    static TriggerIndexRef build(std::map<Id, WorkflowRef> by_id);

    const WorkflowStore& store_;
    mutable std::mutex mutex_;
    TriggerIndexRef index_ = std::make_shared<const TriggerIndex>();
    std::map<Key, WorkflowRef> old_;
    std::list<Key> old_order_;
};

}  // namespace signalbox::workflow

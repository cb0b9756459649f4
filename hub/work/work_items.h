// Tickets, tasks, leads and calls: the only writer of work_items. Every change is an event of the log in the
// same commit: «ticket.created», «ticket.updated», and a kind's own event for a new status
// (lead.stage_changed, call.ended …). `prepare` and the queries on any thread; what takes a Tx inside Writes
// only.
#pragma once

#include <optional>
#include <string>

#include "hub/access/visibility.h"
#include "hub/inbox/inbox_queries.h"
#include "hub/log/event_log.h"
#include "hub/work/work_item.h"

namespace signalbox {

// Something new, with the id that it will have.
struct NewWorkItem {
    Id id = 0, org = 0;
    const WorkKind* kind = nullptr;
    WorkForm form;
    std::string author;  // "api", "workflow:qualify", a user's id
};

struct WorkFilter {
    std::string status, text;  // empty: any; text: contained in the title, in any case
    Id assignee = 0, person = 0, conversation = 0;
};

class WorkItems {
public:
    WorkItems(Store& store, Ids& ids, const Clock& clock, EventLog& log)
        : store_(store), ids_(ids), clock_(clock), log_(log) {}

    // Reads the database. Invalid: no title, or a link to what the organization does not have. The person of
    // a conversation becomes the item's person. With a source_reference that is known, the id is that item's;
    // Conflict when `view` does not show it.
    Result<NewWorkItem> prepare(const Visibility& view, const WorkKind& kind, WorkForm form,
                                std::string author) const;
    // The item's id: an item with the same source and reference is changed instead of doubled.
    Id save(Tx& tx, const NewWorkItem& item);

    // The links of a change, as `prepare` checks them: to what `view` shows.
    Status check(const Visibility& view, const WorkForm& form) const;
    // NotFound, also of what `view` does not show; Conflict (code changed_meanwhile) when `revision` is given
    // and is not the item's any more.
    Status change(Tx& tx, const Visibility& view, const WorkKind& kind, Id item, const WorkForm& form,
                  std::optional<std::int64_t> revision, const std::string& author);

    // What `view` shows.
    PageOfItems list(const Visibility& view, const WorkKind& kind, const WorkFilter& filter,
                     const PageRequest& page) const;
    std::optional<Json> find(const Visibility& view, const WorkKind& kind, Id item) const;

private:
    std::int64_t nextNumber(Tx& tx, Id org, const WorkKind& kind);
    void insert(Tx& tx, const WorkItem& item);
    void update(Tx& tx, WorkItem item, const WorkForm& form, const std::string& author);
    void tell(Tx& tx, const WorkItem& item, const std::string& type, Json payload);

    Store& store_;
    Ids& ids_;
    const Clock& clock_;
    EventLog& log_;
};

}  // namespace signalbox

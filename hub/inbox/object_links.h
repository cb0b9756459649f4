// What conversations, people, messages and tickets are about: a project, a job, any {kind, id} of another
// system; and all that was said about one of them, in one line of time. The only writer of object_links.
#pragma once

#include <optional>
#include <string>

#include "hub/inbox/inbox_queries.h"
#include "hub/log/event_log.h"
#include "hub/model/actor.h"

namespace signalbox {

struct ObjectName {
    std::string kind, id;  // kind: 1 to 50 of a-z 0-9 _ -; id: 1 to 200 bytes
};
// Invalid, with the field's name.
Status checkObject(const ObjectName& object);

struct Linked {
    std::string kind;  // conversation, person, message, ticket, task, lead, call
    Id id = 0;
};
// Of an id as the API writes it (cnv_…, per_…, msg_…, tic_…).
std::optional<Linked> readLinked(std::string_view id);

// Inside Writes. Tells object.linked, object.unlinked. NotFound: the subject is not there, or was not linked.
Status linkObject(Tx& tx, EventLog& log, const Actor& by, const ObjectName& object, const Linked& subject,
                  TimePoint now);
Status unlinkObject(Tx& tx, EventLog& log, const Actor& by, const ObjectName& object, const Linked& subject);

// What is linked to an object, as far as `view` shows it: {"subject_id", "subject_kind", "by", "created_at"}.
// False as well for what is not there, where that can be told without looking into its own table.
bool maySeeLinked(Reader& reader, const Visibility& view, const Linked& subject);

Json listLinks(Store& store, const Visibility& view, const ObjectName& object);
// The objects of a conversation: {"kind", "id", "by", "created_at"}.
Json objectsOf(Reader& reader, Id org, const Linked& subject);

// Messages, and for those who see everything tickets, tasks, leads and calls, newest first: {"type", …}.
PageOfItems listTimeline(Store& store, const Accounts& accounts, const Visibility& view,
                         const ObjectName& object, bool is_for_clients, const PageRequest& page);

}  // namespace signalbox

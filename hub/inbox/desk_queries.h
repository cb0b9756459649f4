// What the team knows of conversations and messages, added to the API's shape of them. Any thread; throws
// StoreError.
#pragma once

#include "hub/access/visibility.h"
#include "hub/inbox/inbox_queries.h"

namespace signalbox {

// Adds kind, status, unread_count of `reader` and, for those who see notes, priority, assignee, team, tags
// and flags to one conversation. Returns its revision.
std::int64_t addDeskDetails(Store& store, const Visibility& view, Id reader, Json& conversation);
// The same for a list.
void addDeskDetailsToAll(Store& store, const Visibility& view, Id reader, Json& conversations);

// What waits for somebody: {"open", "unassigned", "mine", "snoozed", "unread", "mentions"}; each stops at
// 1,000. `user`: whose conversations are «mine» and who is mentioned; `reader`: whose read marks count.
Json countWaiting(Store& store, const Visibility& view, Id user, Id reader);

// Users and people who take part or watch.
Json listMembers(Store& store, Id conversation);
// Who of our side read a message, and when.
Json listReads(Store& store, Id message);

// What somebody began to write and did not send yet.
struct Draft {
    Json body;
    TimePoint changed_at{};
};
std::optional<Draft> findDraft(Store& store, Id writer, Id conversation);
Json listDrafts(Store& store, Id org, Id writer);
void saveDraft(Tx& tx, Id org, Id writer, Id conversation, const std::string& body, TimePoint now);
bool removeDraft(Tx& tx, Id writer, Id conversation);

}  // namespace signalbox

// What people and programs ask of the outbox: lists, single entries, figures. Any thread; throws StoreError.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "hub/outbox/outbox.h"

namespace signalbox {

struct OutboxFilter {
    std::string state;  // pending, leased, blocked, sent, dead, uncertain, cancelled; empty: any
    Id account = 0;     // 0: any
    Id before = 0;      // items with a lower id; 0: from the newest
    std::size_t limit = 50;
    Id subscription = 0;  // 0: any; goes before `account`
    Id user = 0;          // whose own accounts are looked at as well; nobody else's are
};
struct OutboxPage {
    Json items = Json::array();  // newest first
    std::optional<Id> next;      // the id to go on below; nothing on the last page
};
OutboxPage listOutbox(Store& store, const Accounts& accounts, Id org, const OutboxFilter& filter);
// With the request as it will be sent, except for the values of header fields.
// Nothing when it is of an account that is private to somebody else than `user`.
std::optional<Json> findOutboxEntry(Store& store, const Accounts& accounts, Id org, Id outbox, Id user = 0);

// Says of messages that are queued why they have not left and when that is tried again: `next_attempt_at`,
// `attempts`, and `error` of the last try. `messages`: one in the shape of hub/inbox, or a list of them.
void addNextAttempts(Store& store, Json& messages);

struct OutboxFigures {
    std::int64_t pending = 0;  // also those being sent and those of blocked accounts
    std::int64_t dead = 0, uncertain = 0, blocked = 0;
    std::optional<TimePoint> oldest_pending;  // when the oldest unfinished one was made
};
OutboxFigures readOutboxFigures(Store& store);

// The endpoints that have rows to send.
std::vector<EndpointKey> readDueEndpoints(Store& store);
std::vector<Outbox::BreakerRow> readBreakers(Store& store);

}  // namespace signalbox

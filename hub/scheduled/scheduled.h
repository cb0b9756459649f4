// Messages that are to be sent later. A row says what and when; when its time comes, the message goes to the
// outbox in the same commit that marks the row, under a key of its own, so it is sent once whatever happens.
// The only writer of the table scheduled_messages.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "hub/access/users.h"
#include "hub/access/visibility.h"
#include "hub/inbox/inbox_queries.h"
#include "hub/model/actor.h"
#include "hub/outbox/outbox.h"

namespace signalbox {

inline constexpr std::string_view kScheduledId = "sch";

struct NewScheduled {
    Id id = 0;
    Id conversation = 0;  // 0: addressed by account and to
    std::string request;  // JSON, what Outbox::prepare reads; was checked with it
    TimePoint send_at{};
    Id account = 0;  // it leaves by
};

// What is there replaces what was.
struct ScheduledChange {
    std::optional<TimePoint> send_at;
    std::optional<std::string> request;  // with the conversation and the account that it names
    Id conversation = 0, account = 0;
};

class Scheduled {
public:
    Scheduled(Store& store, const Clock& clock, EventLog& log, Outbox& outbox)
        : store_(store), clock_(clock), log_(log), outbox_(outbox) {}

    // Inside Writes.
    void add(Tx& tx, const Actor& by, const NewScheduled& scheduled);
    // NotFound; Conflict «not_pending» when it was sent or cancelled already, «changed_meanwhile».
    Status change(Tx& tx, const Edit& edit, Id scheduled, const ScheduledChange& change);
    Status cancel(Tx& tx, const Edit& edit, Id scheduled);

    // Sends what is due, at most `limit`; one that cannot be sent any more (its account is gone) fails and
    // says why. Waits for its commits; any thread but the writer's. When the next one is due.
    std::optional<TimePoint> sendDue(std::size_t limit);

    PageOfItems list(const Visibility& view, Id conversation, const std::string& state,
                     const PageRequest& page) const;
    std::optional<Json> find(const Visibility& view, Id scheduled) const;

private:
    struct Due {
        Id id = 0, org = 0, conversation = 0, account = 0;
        std::string author, request;
        std::int64_t revision = 0, send_at = 0;
    };
    void send(const Due& due);
    Status mayStillSend(const Due& due, Id user, const Account& account) const;
    void tell(Tx& tx, const Due& about, std::string_view state, const std::string& by);
    Status findPending(Tx& tx, const Edit& edit, Id scheduled, Due& found);

    Store& store_;
    const Clock& clock_;
    EventLog& log_;
    Outbox& outbox_;
};

}  // namespace signalbox

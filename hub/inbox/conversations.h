// Finds and makes conversations. One is open per account and thread key; the partial unique index is the
// lock. Writer thread only (inside Writes).
#pragma once

#include <optional>
#include <string>
#include <unordered_map>

#include "base/clock.h"
#include "base/ids.h"
#include "hub/accounts/accounts.h"
#include "hub/model/envelope.h"
#include "hub/store/store.h"

namespace signalbox {

struct Conversation {
    Id id = 0;
    Id org = 0;
    Id account = 0;
    std::string channel, thread_key;
    Id person = 0;
    Identity peer;                             // how to reach the other side
    std::optional<TimePoint> last_inbound_at;  // as of `find`; a cached conversation does not follow it
    bool is_new = false;                       // made by this call
    std::string status = "open";               // kept up to date in the cache
    bool is_archived = false;
    std::string kind = "external";

    // A message from outside brings it back to work. Spam stays where it is.
    bool isAsleep() const { return is_archived || (status != "open" && status != "spam"); }
};

class Conversations {
public:
    Conversations(Store& store, Ids& ids, const Clock& clock);

    // The open one for this thread; else the one that a closed one of this thread was merged into; else the
    // open one-to-one conversation with this person on this account; else a new one. The reference is good
    // until the next call.
    Conversation& open(Tx& tx, const Account& account, const std::string& channel,
                       const std::string& thread_key, Id person, const Identity& peer);
    std::optional<Conversation> find(Tx& tx, Id org, Id conversation);
    // Open, not archived, not snoozed.
    void wake(Tx& tx, const Conversation& conversation);
    // Somebody changed it: the next message reads it anew.
    void forget(const Conversation& conversation);
    // Takes the next sequence number; `inbound_at` is when the other side wrote, for a message of theirs;
    // `active_at`: when it happened, now if not given. What is older than what is known moves no time back.
    std::int64_t advance(Tx& tx, Id conversation, std::optional<TimePoint> inbound_at,
                         std::optional<TimePoint> active_at = {});
    // A new one whose first message is of an earlier day.
    void beginAt(Tx& tx, Id conversation, TimePoint at);

private:
    std::optional<Conversation> load(Tx& tx, const Account& account, const std::string& thread_key,
                                     Id person);
    Conversation create(Tx& tx, const Account& account, const std::string& channel,
                        const std::string& thread_key, Id person, const Identity& peer);

    Ids& ids_;
    const Clock& clock_;
    const bool is_exclusive_;
    std::unordered_map<std::string, Conversation> open_;  // «account thread_key»
};

}  // namespace signalbox

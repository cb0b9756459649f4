// Sessions of users who signed in: a random token of 256 bits, kept as SHA-256, over after 12 hours without a
// call and after 7 days in any case. Known ones are held in memory, so network threads may ask. Thread-safe.
#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "base/clock.h"
#include "base/ids.h"
#include "base/json.h"
#include "base/secret.h"
#include "hub/access/caller.h"
#include "hub/access/users.h"
#include "hub/store/store.h"

namespace signalbox {

struct NewSession {
    Id id = 0;
    Secret text;  // sbs_…
    TimePoint ends_at{};
};

// What a web page sends with every change beside its cookie; it can be had from the session's token only.
std::string csrfTokenFor(std::string_view session_token);

class Sessions {
public:
    Sessions(Store& store, Ids& ids, const Clock& clock, const Roles& roles)
        : store_(store), ids_(ids), clock_(clock), roles_(roles) {}

    // Waits for the commit, which also notes the user's sign-in.
    Result<NewSession> create(const User& user, const std::string& address, const std::string& agent);
    // Nothing for one that is unknown, revoked or over. From memory.
    std::optional<Caller> verify(std::string_view text);
    // The same, looking into the database for one that another node made. Throws StoreError.
    std::optional<Caller> verifyOrLoad(std::string_view text);

    Json list(Id org, Id user, Id current);  // in the shape of the API, newest first
    // NotFound: not one of that user's.
    Status revoke(Id org, Id user, Id session);
    // All of a user but `keep` (0: all). Inside Writes; call `forget` after the commit.
    static void endAll(Tx& tx, Id org, Id user, Id keep);
    void forget(Id user, Id keep);

    // Reads all sessions: at start, and every few seconds for what other nodes changed. Writes down when
    // sessions were used last, and drops those that are over. Throws StoreError.
    void refresh();
    void saveLastUse();

private:
    struct Known {
        Caller caller;
        TimePoint last_used_at{}, ends_at{};
        bool is_touched = false;
    };
    std::optional<Caller> useKnown(const std::string& hashed);
    std::optional<Known> knownFrom(const Row& row) const;

    Store& store_;
    Ids& ids_;
    const Clock& clock_;
    const Roles& roles_;
    std::mutex mutex_;
    std::unordered_map<std::string, Known> known_;  // by hash
};

}  // namespace signalbox

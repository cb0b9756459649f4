// API tokens: shown once, kept as SHA-256, with a role, optional scopes and an end. Thread-safe.
#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "base/json.h"
#include "base/secret.h"
#include "hub/access/caller.h"
#include "hub/store/store.h"

namespace signalbox {

struct NewToken {
    Id id = 0;
    Secret text;  // sbt_…, never to be had again
};

class Tokens {
public:
    Tokens(Store& store, Ids& ids, const Clock& clock, const Roles& roles)
        : store_(store), ids_(ids), clock_(clock), roles_(roles) {}

    Result<NewToken> create(Id org, const std::string& name, const RoleRef& role,
                            const std::vector<std::string>& scopes, std::optional<TimePoint> expires_at);
    // Nothing for a token that is unknown, revoked or over. From memory: network threads may ask.
    std::optional<Caller> verify(std::string_view text);
    // Reads all tokens; at start, and every few seconds for what other nodes changed. Throws StoreError.
    void refresh();
    // Items in the shape of the API, newest first; never the token itself.
    Json list(Id org);
    Status revoke(Id org, Id token);

private:
    struct Known {
        Caller caller;
        std::optional<TimePoint> expires_at;
    };

    Store& store_;
    Ids& ids_;
    const Clock& clock_;
    const Roles& roles_;
    std::mutex mutex_;
    std::unordered_map<std::string, Known> known_;  // by hash
};

}  // namespace signalbox

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
#include "hub/store/store.h"

namespace signalbox {

// What a role may do; each includes the ones before it.
enum class Role { Viewer, Agent, Admin };
std::optional<Role> parseRole(std::string_view word);
const char* toString(Role role);

// Who is calling.
struct Caller {
    Id org = 0;
    Id token = 0;
    Role role = Role::Viewer;
    std::vector<std::string> scopes;  // empty: all that the role may do
};

struct NewToken {
    Id id = 0;
    Secret text;  // sbt_…, never to be had again
};

class Tokens {
public:
    Tokens(Store& store, Ids& ids, const Clock& clock) : store_(store), ids_(ids), clock_(clock) {}

    Result<NewToken> create(Id org, const std::string& name, Role role,
                            const std::vector<std::string>& scopes, std::optional<TimePoint> expires_at);
    // Nothing for a token that is unknown, revoked or over. From memory: network threads may ask.
    std::optional<Caller> verify(std::string_view text);
    // Items in the shape of the API, newest first; never the token itself.
    // Reads all tokens; at start, and every few seconds for what other nodes changed. Throws StoreError.
    void refresh();
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
    std::mutex mutex_;
    std::unordered_map<std::string, Known> known_;  // by hash
};

}  // namespace signalbox

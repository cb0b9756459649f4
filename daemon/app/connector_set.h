// The connectors of all accounts. When the configuration or a stored account changes, those whose account is
// as it was stay: their connections and polls go on. Whoever is in the middle of a call keeps the old one
// alive. Thread-safe.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "base/clock.h"
#include "base/json.h"
#include "connectors/sdk/connector.h"
#include "hub/accounts/accounts.h"

namespace signalbox {

// One configured account, ready to work.
struct ConnectedAccount {
    AccountRef account;
    std::shared_ptr<Connector> connector;
    std::optional<std::chrono::milliseconds> respond_timeout;  // set: a workflow answers the callback
    double rate_per_s = 0;                                     // 0: not limited
    std::string hook = {};                                     // callbacks come to /hooks/<this>
    std::string made_of = {};                                  // a hash of what it was built from
};
using ConnectedRef = std::shared_ptr<const ConnectedAccount>;

// Mail accounts name theirs; of the others the provider knows it.
std::string ownAddress(const Json& config);

class ConnectorSet {
public:
    struct Entry {
        AccountRef account;
        Json config;            // the connector's own keys, checked, defaults filled in, secrets resolved
        std::string hook = {};  // empty: the account's name
        HttpClient* http = nullptr;  // for its base_url; null: that of `replace`
    };
    // Called for each connector that was built, before anybody else sees it.
    using Prepare = std::function<void(const ConnectedAccount&)>;
    // All or nothing; the error names the account. One at a time.
    // `http` is for the accounts' base_url, `egress` is what URLs that workflows wrote may reach; both are
    // the same at each call.
    Status replace(const std::vector<Entry>& entries, HttpClient& http, const Clock& clock,
                   const AddressPolicy& egress, const Prepare& prepare = {});

    ConnectedRef byHook(std::string_view hook) const;  // null: no account takes callbacks there
    ConnectedRef byId(Id account) const;
    std::vector<ConnectedRef> all() const;

private:
    mutable std::mutex mutex_;
    std::unordered_map<std::string, ConnectedRef> by_hook_;
    std::unordered_map<Id, ConnectedRef> by_id_;
};

}  // namespace signalbox

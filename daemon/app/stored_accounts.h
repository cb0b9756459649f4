// Accounts that were made through the API: they go through the same schemas as those of the configuration,
// and are kept with all their keys sealed by the vault; what is shown has *** for each secret. Their
// callbacks come to a path that nobody guesses. Thread-safe.
#pragma once

#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "connectors/sdk/http_client.h"
#include "daemon/app/connector_set.h"
#include "daemon/config/account_check.h"
#include "hub/outbox/outbox.h"
#include "hub/vault/vault.h"

namespace signalbox {

class StoredAccounts {
public:
    struct Parts {
        Store& store;
        Ids& ids;
        const Clock& clock;
        const Vault& vault;
        const Accounts& accounts;  // connected at the moment: their names are taken
        HttpClient& http;          // reaches what the egress rules allow, whatever a base_url says
        AddressPolicy egress;
        config::ConnectorSchemas schemas;
        // The keys of an account of the configuration file; nothing when it has none of that name.
        std::function<std::optional<Json>(Id org, const std::string& name)> configured = {};
        Outbox* outbox = nullptr;  // what waits there is blocked with the account, and goes on with it
    };
    struct Loaded {
        Account account;
        Json config;  // the connector's keys
        std::string hook;
    };
    // `connect`: builds the connectors anew after a change.
    StoredAccounts(Parts parts, std::function<Status()> connect)
        : parts_(std::move(parts)), connect_(std::move(connect)) {}

    // All that can be built, but for those of users who are gone; one that cannot is left out and logged, so
    // that it holds up nobody else.
    std::vector<Loaded> load();

    // `body` as in the configuration: name, type and the connector's keys. Conflict: the name is taken.
    // `owner`: the user who connects it for himself, 0 for the organization; private to him until he shares
    // it.
    Status create(Id org, const Json& body, Id owner = 0);
    // A merge patch; "***" and what is left out stay as they are. NotFound: no stored account of that name.
    // Where secrets would go elsewhere than before, they must be given anew, and so must a consent.
    Status change(Id org, const std::string& name, const Json& patch);
    Status remove(Id org, const std::string& name);
    // The user who connected it for himself, also after it was removed; 0 when it is the organization's;
    // nothing when there was none of the name.
    std::optional<Id> ownerOf(Id org, const std::string& name) const;
    // For its owner's eyes alone, or for all who see conversations. NotFound: nobody's own.
    Status setPrivate(Id org, const std::string& name, bool is_private);
    // The account of a user who is gone becomes the organization's.
    Status takeOver(Id org, const std::string& name);
    // Builds the connector and lets it check, without keeping anything.
    Status test(Id org, const Json& body) const;
    // Keys with their secrets masked; nothing for one of the configuration.
    std::optional<Json> shown(Id org, const std::string& name) const;
    // True when another node changed something since the last time, a user came or went, or there is a new
    // organization, which has
    // accounts that nobody configures; all is connected anew then.
    bool follow();

private:
    Status resume(Id account, bool is_new);
    struct Kept {
        Id id = 0;
        std::string name;
        Json account;
        Id owner = 0;
    };
    std::optional<Kept> find(Id org, const std::string& name) const;
    Result<std::shared_ptr<Connector>> build(const Json& account) const;
    // With the OAuth application that it borrows of an account of the organization (oauth.app_of).
    Result<Json> withApp(Id org, Json account) const;
    Status handOn(Id org, const std::string& name,
                  const std::function<void(Tx&, Id account, Id owner, std::int64_t now)>& change);
    // `is_elsewhere`: what a provider gave by consent is not for where the account goes now.
    Status save(Id org, Id account, const Json& value, const std::string& hook, bool is_elsewhere);

    const Parts parts_;
    const std::function<Status()> connect_;
    std::mutex mutex_;  // one change at a time
    std::string fingerprint_;
};

}  // namespace signalbox

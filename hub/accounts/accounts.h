// The accounts of the configuration as the domain sees them: a number for the rows, a name for people. The
// list is swapped as a whole when the configuration is reloaded; whoever holds an Account keeps it alive.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "base/result.h"
#include "hub/store/store.h"

namespace signalbox {

inline constexpr Id kDefaultOrg = 1;

struct Account {
    Id id = 0;
    Id org = kDefaultOrg;
    std::string name;
    std::string type;     // the connector's folder
    std::string channel;  // default channel of its messages
    std::string region;   // ISO 3166 country for phone numbers written without one
    bool is_send_idempotent = false;
    std::string address = {};  // its own on its channel (an e-mail address, lower case); empty: not known
    Id owner = 0;              // the user who connected it for himself; 0: the organization's
    Id private_to = 0;         // the user whose eyes alone it is for; 0: for all who see conversations
    Id scope = 0;  // mails share threads and copies, and people are known, within it; 0: the organization's

    // For what works for the whole organization: workflows, automatic answers, webhooks to others.
    bool isPrivate() const { return private_to != 0; }
};
using AccountRef = std::shared_ptr<const Account>;

// Thread-safe.
class Accounts {
public:
    // Gives each configured account its number (a row is made where there is none) and replaces the list.
    // Accounts that are no longer configured keep their row and are still found by id; owner, private_to and
    // scope are those of the row. Conflict: a configured one has the name of a user's own.
    Status replace(Store& store, Ids& ids, const Clock& clock, std::vector<Account> configured);

    AccountRef byName(Id org, std::string_view name) const;  // null when that organization has none
    AccountRef byName(std::string_view name) const;          // of the configured organization
    AccountRef everByName(Id org,
                          std::string_view name) const;  // also one that was removed: to find what it had
    AccountRef byId(Id id) const;                        // also those no longer configured; null when unknown
    std::vector<AccountRef> all() const;                 // configured ones of all organizations, by name
    // The user whose eyes alone what lies there is for; 0: for all who see conversations. Where other daemons
    // may have changed that, the database is asked, at most every 200 ms and for accounts not known here.
    // Throws StoreError.
    Id privateTo(Id account) const;
    // An event of the log is for the account's user alone: workflows, webhooks and automatic answers pass it
    // by. How it is with an account (account.…) is told to all.
    bool hides(Id account, std::string_view event_type) const;

private:
    Id privateInDatabase(Id account) const;

    Store* store_ = nullptr;  // set by the first `replace`, before others ask
    mutable std::mutex private_mutex_;
    mutable std::unordered_map<Id, Id> private_;  // account → user, as of private_at_
    mutable std::chrono::steady_clock::time_point private_at_{};
    mutable std::mutex mutex_;
    std::map<std::pair<Id, std::string>, AccountRef> by_name_;
    std::unordered_map<Id, AccountRef> by_id_;
};

// What stands in the way of an account: connected; blocked: it sends nothing until a person repairs it;
// disabled: a person wants it to send and fetch nothing; removed: it is connected no more, the reason
// is its address.
struct AccountState {
    std::string state, reason;
};
AccountState readAccountState(Reader& reader, Id account);
// Inside Writes. False when that was its state already.
bool setAccountState(Tx& tx, Id account, const AccountState& state, TimePoint now);

// Makes organization 1 when the database has none; called once at start.
Status ensureOrganization(Store& store, const Clock& clock, const std::string& name);

}  // namespace signalbox

// Refresh tokens that providers gave to accounts, sealed by the vault. The only writer of the table
// account_tokens. Any thread; waits for the commit.
#pragma once

#include "base/clock.h"
#include "base/secret.h"
#include "hub/store/store.h"
#include "hub/vault/vault.h"

namespace signalbox {

class AccountTokens {
public:
    AccountTokens(Store& store, const Vault& vault, const Clock& clock)
        : store_(store), vault_(vault), clock_(clock) {}

    // Empty: there is none.
    Result<Secret> load(Id org, Id account) const;
    Status save(Id org, Id account, const Secret& refresh_token);
    // Inside Writes: whoever uses the account next asks for consent anew.
    static void forget(Tx& tx, Id org, Id account);

private:
    Store& store_;
    const Vault& vault_;
    const Clock& clock_;
};

}  // namespace signalbox

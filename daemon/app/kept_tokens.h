// An account's token store on the hub's sealed table. Thread-safe.
#pragma once

#include "connectors/sdk/consent.h"
#include "hub/accounts/account_tokens.h"
#include "hub/accounts/accounts.h"

namespace signalbox {

class KeptTokens : public TokenStore {
public:
    KeptTokens(AccountRef account, AccountTokens& tokens) : account_(std::move(account)), tokens_(tokens) {}
    Result<Secret> load() override { return tokens_.load(account_->org, account_->id); }
    Status save(const Secret& refresh_token) override {
        return tokens_.save(account_->org, account_->id, refresh_token);
    }

private:
    const AccountRef account_;
    AccountTokens& tokens_;
};

}  // namespace signalbox

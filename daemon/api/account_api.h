// /api/v1/accounts: accounts made, changed, tried and removed through the API; secrets go in and never come
// out.
#pragma once

#include "daemon/api/router.h"
#include "daemon/app/stored_accounts.h"

namespace signalbox::api {

struct AccountParts {
    Store& store;
    const Accounts& accounts;
    const ConnectorSet& connectors;
    StoredAccounts& stored;
};
// Routes of accounts of the organization, and below /me of those that users connect for themselves.
void addAccountRoutes(Router& router, const AccountParts& parts);

}  // namespace signalbox::api

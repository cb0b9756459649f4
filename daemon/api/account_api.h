// /api/v1/accounts: accounts made, changed, tried and removed through the API; secrets go in and never come
// out.
#pragma once

#include "daemon/api/router.h"
#include "daemon/app/stored_accounts.h"

namespace signalbox::api {

struct AccountParts {
    const Accounts& accounts;
    const ConnectorSet& connectors;
    StoredAccounts& stored;
};
void addAccountRoutes(Router& router, const AccountParts& parts);

}  // namespace signalbox::api

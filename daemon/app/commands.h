// What `signalboxd` does beside serving: it makes organizations, users and tokens. Each opens the database,
// so with SQLite the daemon must not run meanwhile.
#pragma once

#include "daemon/app/app.h"

namespace signalbox {

// What the schemas of connectors cannot say of an account, of all of them at once, a line each. Reaches
// nobody.
Status checkAccounts(const AppOptions& options);

Result<NewToken> makeToken(const AppOptions& options, const std::string& org, const std::string& role,
                           const std::string& name);
Result<MadeOrganization> createOrganization(const AppOptions& options, const std::string& name);

struct NewUser {
    std::string org, email, name, role;
    Secret password;
};
// The user's id.
Result<Id> createUser(const AppOptions& options, const NewUser& user);

}  // namespace signalbox

// The credentials of an organization, by name, sealed by the vault: the only writer of the table. Any thread.
#pragma once

#include "base/clock.h"
#include "hub/credentials/credential.h"
#include "hub/store/store.h"
#include "hub/vault/vault.h"

namespace signalbox {

class CredentialStore {
public:
    // All outlive the object.
    CredentialStore(Store& store, Ids& ids, const Clock& clock, const Vault& vault)
        : store_(store), ids_(ids), clock_(clock), vault_(vault) {}

    // NotFound (code credential_not_found), or what the vault says.
    Result<Credential> find(Id org, const std::string& name) const;
    bool has(Id org, const std::string& name) const;
    // As the API shows them: the form with *** for secrets, and {revision, changed_by, created_at,
    // changed_at}. By name; never more than 1,000.
    Json list(Id org) const;
    Result<Json> shown(Id org, const std::string& name) const;

    // Conflict (credential_exists): the name is taken.
    Status create(Id org, const Json& form, const std::string& by);
    // A merge patch; "***" and what is left out stay. Name and type stay as well.
    Status change(Id org, const std::string& name, const Json& patch, const std::string& by);
    // NotFound when there is none.
    Status remove(Id org, const std::string& name);

private:
    Result<Credential> open(const Row& row) const;

    Store& store_;
    Ids& ids_;
    const Clock& clock_;
    const Vault& vault_;
};

}  // namespace signalbox

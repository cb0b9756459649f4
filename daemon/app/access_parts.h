// What of the daemon says who may do what: roles, tokens, users' sessions, second factors, the vault, the
// audit log, and the router that asks them. Built by the composition root, once the database is open.
#pragma once

#include <filesystem>
#include <memory>

#include "daemon/api/own_mailer.h"
#include "daemon/api/router.h"
#include "hub/access/idempotency.h"
#include "hub/access/invitations.h"
#include "hub/access/organizations.h"
#include "hub/access/sign_in.h"
#include "hub/access/tokens.h"
#include "hub/access/totp.h"
#include "hub/audit/audit.h"
#include "hub/vault/vault.h"

namespace signalbox {

class AccessParts {
public:
    struct Needs {
        Store& store;
        Ids& ids;
        const Clock& clock;
        std::filesystem::path data, vault_key_file;
    };
    // The error says what to do, e.g. when the vault's key file is not the database's. Throws StoreError.
    static Result<std::unique_ptr<AccessParts>> build(const Needs& needs);

    // Routes of users, sessions, roles, tokens, audit.
    void addRoutes(api::OwnMailer& mailer);
    // Starts to take rows for the audit log.
    Status start();
    // What other nodes changed; every few seconds.
    void refresh();
    // Writes down when sessions were used; every hour, and when the daemon stops.
    void saveLastUse();
    // Writes what the audit log has collected; before the store is closed.
    void stop();

    api::Router& router() { return *router_; }
    Idempotency& idempotency() { return *idempotency_; }
    Vault& vault() { return *vault_; }
    Audit& audit() { return *audit_; }
    Sessions& sessions() { return sessions_; }

private:
    void recoverIntents(std::chrono::minutes age);
    explicit AccessParts(const Needs& needs);

    const Needs needs_;
    const std::filesystem::path anchors_;
    Passwords passwords_;
    LoginGuard guard_;
    Roles roles_;
    Tokens tokens_;
    Sessions sessions_;
    Invitations invitations_;
    std::unique_ptr<Vault> vault_;
    std::unique_ptr<Totp> totp_;
    std::unique_ptr<SignIn> sign_in_;
    std::unique_ptr<Idempotency> idempotency_;
    std::unique_ptr<Audit> audit_;
    std::unique_ptr<api::Router> router_;
};

}  // namespace signalbox

#include "daemon/app/access_parts.h"

#include "base/log.h"
#include "daemon/api/audit_api.h"
#include "daemon/api/role_api.h"
#include "daemon/api/second_factor_api.h"
#include "daemon/api/session_api.h"
#include "daemon/api/token_api.h"
#include "daemon/api/user_api.h"
#include "hub/audit/audit_intents.h"

namespace signalbox {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::minutes kLongestCall = 10min;

}  // namespace

AccessParts::AccessParts(const Needs& needs)
    : needs_(needs),
      anchors_(needs.data / "audit.heads"),
      guard_(needs.clock),
      roles_(needs.store, needs.clock),
      tokens_(needs.store, needs.ids, needs.clock, roles_),
      sessions_(needs.store, needs.ids, needs.clock, roles_),
      invitations_({needs.store, needs.ids, needs.clock, passwords_, sessions_}) {}

Result<std::unique_ptr<AccessParts>> AccessParts::build(const Needs& needs) {
    std::unique_ptr<AccessParts> parts(new AccessParts(needs));
    auto vault = Vault::open(needs.store, needs.clock, needs.vault_key_file);
    if (!vault) return vault.error();
    parts->vault_ = std::move(*vault);
    parts->vault_->covers({"totp", "user_id", "secret"});
    parts->vault_->covers({"stored_accounts", "account", "secrets"});
    parts->vault_->covers({"credentials", "id", "secrets"});
    parts->vault_->covers({"webhook_subscriptions", "id", "secrets"});
    parts->vault_->covers({"account_tokens", "account", "refresh_token"});
    parts->totp_ = std::make_unique<Totp>(needs.store, needs.clock, *parts->vault_);
    parts->sign_in_ = std::make_unique<SignIn>(SignInParts{needs.store, needs.clock, parts->passwords_,
                                                           parts->guard_, parts->sessions_, *parts->totp_});
    parts->idempotency_ = std::make_unique<Idempotency>(needs.store, needs.clock);
    parts->audit_ = std::make_unique<Audit>(needs.store, needs.clock, parts->anchors_);
    parts->router_ = std::make_unique<api::Router>(parts->tokens_, parts->sessions_, *parts->idempotency_,
                                                   parts->audit_.get());
    parts->refresh();
    return parts;
}

void AccessParts::addRoutes(api::OwnMailer& mailer) {
    api::addTokenRoutes(*router_, tokens_, roles_);
    api::addSessionRoutes(*router_, {needs_.store, sessions_, *sign_in_});
    api::addSecondFactorRoutes(*router_, {needs_.store, *totp_, guard_, sessions_});
    const api::UserParts users{needs_.store, needs_.ids, needs_.clock, roles_,
                               sessions_,    passwords_, invitations_, mailer};
    api::addUserRoutes(*router_, users);
    api::addInvitationRoutes(*router_, users);
    api::addRoleRoutes(*router_, roles_);
    api::addGrantRoutes(*router_, needs_.store, roles_, needs_.clock);
    api::addAuditRoutes(*router_, needs_.store, *audit_, anchors_);
    api::addVaultRoutes(*router_, *vault_);
}

Status AccessParts::start() {
    Passwords::prepare();
    idempotency_->releaseUnfinished();
    if (auto dropped = vault_->dropOldKeys(); !dropped) return dropped;
    if (auto started = audit_->start(); !started) return started;
    // The only process that writes has no call under way yet.
    recoverIntents(needs_.store.isExclusive() ? 0min : kLongestCall);
    return Done{};
}

void AccessParts::recoverIntents(std::chrono::minutes age) {
    try {
        signalbox::recoverIntents(needs_.store, *audit_, needs_.clock.now(), age);
    } catch (const StoreError& failure) {
        log::warn("audit_intents_not_recovered", {{"error", failure.message}});
    }
}

void AccessParts::refresh() {
    try {
        roles_.refresh();
        tokens_.refresh();
        sessions_.refresh();
        vault_->refresh();
    } catch (const StoreError& failure) {
        log::warn("access_not_refreshed", {{"error", failure.message}});
    }
}

void AccessParts::saveLastUse() {
    try {
        sessions_.saveLastUse();
        recoverIntents(kLongestCall);
    } catch (const StoreError& failure) {
        log::warn("sessions_not_saved", {{"error", failure.message}});
    }
}

void AccessParts::stop() {
    saveLastUse();
    audit_->stop();
}

}  // namespace signalbox

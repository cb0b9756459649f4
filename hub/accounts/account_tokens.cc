#include "hub/accounts/account_tokens.h"

namespace signalbox {
namespace {

constexpr std::string_view kLoad = "SELECT refresh_token FROM account_tokens WHERE account = $1 AND org = $2";
constexpr std::string_view kSave =
    "INSERT INTO account_tokens (account, org, refresh_token, changed_at) VALUES ($1, $2, $3, $4)"
    " ON CONFLICT (account) DO UPDATE SET refresh_token = $3, changed_at = $4";

SealedPlace placeOf(Id org, Id account) {
    return {org, "account_tokens", account, "refresh_token"};
}

}  // namespace

Result<Secret> AccountTokens::load(Id org, Id account) const {
    Rows rows;
    store_.read([&](Reader& reader) { rows = reader.query(kLoad, {account, org}); });
    if (rows.empty()) return Secret();
    return vault_.unseal(placeOf(org, account), rows[0].text(0));
}

Status AccountTokens::save(Id org, Id account, const Secret& refresh_token) {
    const std::string sealed = vault_.seal(placeOf(org, account), refresh_token.reveal());
    return store_.writeAndWait([&](Tx& tx) {
        tx.exec(kSave, {account, org, Blob{sealed}, toMicros(clock_.now())});
    });
}

void AccountTokens::forget(Tx& tx, Id org, Id account) {
    tx.exec("DELETE FROM account_tokens WHERE account = $1 AND org = $2", {account, org});
}

}  // namespace signalbox

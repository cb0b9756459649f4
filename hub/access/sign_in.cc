#include "hub/access/sign_in.h"

#include "base/log.h"
#include "hub/access/organizations.h"

namespace signalbox {
namespace {

Error wrongCredentials() {
    return {ErrorKind::Unauthorized,
            "organization, e-mail, password or second factor is wrong",
            {},
            "credentials_invalid"};
}

Error locked(std::chrono::seconds wait) {
    return {ErrorKind::Throttled, "too many attempts; wait before the next", wait, "login_locked"};
}

std::string accountKey(const std::string& org, const std::string& email) {
    return org + '\n' + email;
}

}  // namespace

Result<SignedIn> SignIn::withPassword(const Credentials& credentials) {
    const std::string email = normalizeEmail(credentials.email).value_or("");
    std::optional<User> user;
    Id org = 0;
    parts_.store.read([&](Reader& reader) {
        org = findOrganization(reader, credentials.org).value_or(0);
        if (org != 0 && !email.empty()) user = findUser(reader, org, email);
    });
    // The name and the id of an organization are one account.
    const std::string account = accountKey(org != 0 ? std::to_string(org) : credentials.org, email);
    if (const auto wait = parts_.guard.mustWait(account, credentials.address)) return locked(*wait);
    const bool may_enter = user && user->is_active;
    const auto is_right = parts_.passwords.verify(may_enter ? user->password : "", credentials.password);
    if (!is_right) return is_right.error();
    if (!*is_right) {
        parts_.guard.failed(account, credentials.address);
        log::info("sign_in_refused",
                  {{"org", std::to_string(org)}, {"network", networkOf(credentials.address)}});
        return wrongCredentials();
    }
    if (parts_.totp.isOn(user->id)) {
        if (credentials.totp.empty())
            return Error{ErrorKind::Unauthorized, "totp: the second factor is missing", {}, "totp_required"};
        const auto is_taken = parts_.totp.take(user->org, user->id, credentials.totp);
        if (!is_taken) return is_taken.error();
        if (!*is_taken) {
            parts_.guard.failed(account, credentials.address);
            return wrongCredentials();
        }
    }
    auto session = parts_.sessions.create(*user, credentials.address, credentials.agent);
    if (!session) return session.error();
    parts_.guard.succeeded(account, credentials.address);
    return SignedIn{std::move(*user), std::move(*session)};
}

Status SignIn::changePassword(const Caller& caller, const Secret& old_password, const Secret& new_password,
                              const std::string& address) {
    std::optional<User> user;
    parts_.store.read([&](Reader& reader) { user = findUser(reader, caller.org, caller.user); });
    if (!user) return Error{ErrorKind::NotFound, "no such user"};
    const std::string account = accountKey(std::to_string(user->org), user->email);
    if (const auto wait = parts_.guard.mustWait(account, address)) return locked(*wait);
    const auto is_right = parts_.passwords.verify(user->password, old_password);
    if (!is_right) return is_right.error();
    if (!*is_right) {
        parts_.guard.failed(account, address);
        return Error{ErrorKind::Forbidden, "old_password: not the password", {}, "credentials_invalid"};
    }
    if (auto checked = checkNewPassword(new_password, user->email); !checked) return checked;
    const auto encoded = parts_.passwords.hash(new_password);
    if (!encoded) return encoded.error();
    const auto written = parts_.store.writeAndWait([&](Tx& tx) {
        setPassword(tx, user->org, user->id, *encoded, parts_.clock.now());
        Sessions::endAll(tx, user->org, user->id, caller.token);
    });
    if (written) parts_.sessions.forget(user->id, caller.token);
    return written;
}

}  // namespace signalbox

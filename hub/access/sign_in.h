// Signing in with a password, and changing it. Every refusal reads the same and takes the same time, whether
// the organization, the user or the password is wrong. Blocks for a password's evaluation. Thread-safe.
#pragma once

#include <string>

#include "hub/access/login_guard.h"
#include "hub/access/password.h"
#include "hub/access/sessions.h"
#include "hub/access/totp.h"
#include "hub/access/users.h"

namespace signalbox {

struct Credentials {
    std::string org, email;
    Secret password;
    std::string totp;  // six digits, or a recovery code; empty when not given
    std::string address, agent;
};

struct SignedIn {
    User user;
    NewSession session;
};

struct SignInParts {
    Store& store;
    const Clock& clock;
    Passwords& passwords;
    LoginGuard& guard;
    Sessions& sessions;
    Totp& totp;
};

class SignIn {
public:
    explicit SignIn(SignInParts parts) : parts_(parts) {}

    // Unauthorized «credentials_invalid», or «totp_required» when only the second factor is missing;
    // Throttled «login_locked» with when to come again.
    Result<SignedIn> withPassword(const Credentials& credentials);
    // Ends all other sessions of the user. Unauthorized: the old one is wrong; Invalid: the new one is weak.
    Status changePassword(const Caller& caller, const Secret& old_password, const Secret& new_password,
                          const std::string& address);

private:
    SignInParts parts_;
};

}  // namespace signalbox

// The second factor: time-based codes (RFC 6238, 30 seconds, 6 digits) by liboath, and ten recovery codes. A
// code is taken once: its time step is remembered. Secrets are sealed by the vault. Thread-safe.
#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "base/result.h"
#include "base/secret.h"
#include "hub/store/store.h"
#include "hub/vault/vault.h"

namespace signalbox {

class Totp {
public:
    Totp(Store& store, const Clock& clock, const Vault& vault)
        : store_(store), clock_(clock), vault_(vault) {}

    struct Enrolment {
        Secret secret;  // base32
        Secret uri;     // otpauth://totp/…
    };
    // A new secret; it counts once a code of it was given to `confirm`. Conflict: there is a confirmed one.
    Result<Enrolment> enrol(Id org, Id user, const std::string& label);
    // The recovery codes, shown this once. Forbidden: the code is wrong.
    Result<std::vector<Secret>> confirm(Id org, Id user, const std::string& code);
    // Forbidden: the code is wrong. A recovery code does as well.
    Status disable(Id org, Id user, const std::string& code);

    bool isOn(Id user) const;
    // True once for each code; a recovery code is used up.
    Result<bool> take(Id org, Id user, const std::string& code);

private:
    struct Kept {
        std::string sealed;
        bool is_confirmed = false;
    };
    std::optional<Kept> find(Id user) const;
    Result<bool> takeStep(Id org, Id user, const std::string& sealed, const std::string& code);
    Result<bool> takeRecoveryCode(Id user, const std::string& code);

    Store& store_;
    const Clock& clock_;
    const Vault& vault_;
};

// The six digits of a base32 secret at a time; for tests.
std::string totpCode(const std::string& base32, TimePoint at);

}  // namespace signalbox

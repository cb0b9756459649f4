// Ways in that are a link: invitations of new users (7 days) and new passwords for old ones (30 minutes). The
// token of each works once and is kept as SHA-256. Thread-safe.
#pragma once

#include <string>

#include "hub/access/password.h"
#include "hub/access/sessions.h"
#include "hub/access/users.h"

namespace signalbox {

struct Invitation {
    Id id = 0;
    User user;     // who it will be; without an id and a password
    Secret token;  // sbi_…
    TimePoint ends_at{};
};

class Invitations {
public:
    struct Parts {
        Store& store;
        Ids& ids;
        const Clock& clock;
        Passwords& passwords;
        Sessions& sessions;
    };
    explicit Invitations(Parts parts) : parts_(parts) {}

    // Conflict: the organization has a user of that address. Invalid: no such person.
    Result<Invitation> invite(const User& who, Id invited_by);
    Json list(Id org);
    Status withdraw(Id org, Id invitation);
    // NotFound: the token is unknown, used or over. The user who was made.
    Result<User> accept(const Secret& token, const std::string& name, const Secret& password);

    // A token (sbr_…) that sets a new password once. NotFound: no such user.
    Result<Secret> beginReset(Id org, Id user);
    // One was made within the last minute: whoever asks again and again makes no new ones.
    bool isResetFresh(Id org, Id user);
    // All sessions of the user end. NotFound as above.
    Status finishReset(const Secret& token, const Secret& password);

private:
    Parts parts_;
};

}  // namespace signalbox

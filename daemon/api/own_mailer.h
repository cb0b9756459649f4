// Writes the daemon's own mails: the link of an invitation, the link for a new password. The text is the
// organization's shared template «invitation» or «password_reset» when there is one, else ours. Thread-safe.
#pragma once

#include <string>

#include "hub/access/invitations.h"
#include "hub/outbox/outbox.h"

namespace signalbox::api {

class OwnMailer {
public:
    OwnMailer(Store& store, const Accounts& accounts, Outbox& outbox, const Clock& clock)
        : store_(store), accounts_(accounts), outbox_(outbox), clock_(clock) {}

    // True: the mail is in the outbox. False: no account is set up for this, or it is gone; whoever asked
    // gives the link himself.
    Result<bool> mailInvitation(const Invitation& invitation);
    bool mailsResets(Id org);
    Result<bool> mailReset(const User& user, const Secret& token);

private:
    struct Link {
        std::string account, url;
    };
    Result<bool> mail(Id org, const std::string& to, const std::string& kind, const Link& link,
                      const std::string& name, std::chrono::seconds lifetime);

    Store& store_;
    const Accounts& accounts_;
    Outbox& outbox_;
    const Clock& clock_;
};

}  // namespace signalbox::api

// Mails that the daemon itself writes: invitations, links for new passwords. They leave through one account
// of the organization like everything else, but belong to no conversation and nobody reads them afterwards:
// the row forgets its content when it ends. The settings' functions are the only writers of
// own_mail_settings.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "base/result.h"
#include "hub/model/actor.h"
#include "hub/store/store.h"

namespace signalbox {

struct OwnMail {
    std::string account;  // of type email
    std::string to;       // an address
    std::string subject, text, html;
    std::chrono::seconds lifetime{};  // after that it is not worth sending
};

struct OwnMailSettings {
    std::string account;                    // empty: the daemon writes no mails for this organization
    std::string invitation_url, reset_url;  // with {token}
    std::int64_t revision = 0;
};
OwnMailSettings readOwnMailSettings(Reader& reader, Id org);
// Conflict «changed_meanwhile» when `revision` is over.
Status saveOwnMailSettings(Tx& tx, const Actor& by, const OwnMailSettings& settings,
                           std::optional<std::int64_t> revision, TimePoint now);

}  // namespace signalbox

// Addresses that machines no longer write to: mail to them came back for good, their owner complained or
// unsubscribed, or a person put them here. People may write to them still. The only writer of the table
// mail_suppressions. Reading on any thread, changes inside Writes.
#pragma once

#include <optional>
#include <string>

#include "base/clock.h"
#include "hub/model/page.h"
#include "hub/store/store.h"

namespace signalbox {

inline constexpr std::string_view kSuppressionId = "sup";

struct Suppression {
    Id id = 0, org = 0;
    std::string address;  // as normalize() has it
    std::string reason;   // hard_bounce, complaint, unsubscribed, manual
    std::string detail;   // why, in the other server's or the person's words
    Id message = 0;       // the mail that it is about; 0: none
    std::string added_by;
    TimePoint created_at{};
};

// False: the address is there already, and what was known of it stays.
bool addSuppression(Tx& tx, const Suppression& added);
bool removeSuppression(Tx& tx, Id org, const std::string& address);
std::optional<Suppression> findSuppression(Reader& reader, Id org, const std::string& address);
// Newest first; `text` is a part of the address.
PageOfItems listSuppressions(Store& store, Id org, const std::string& text, const PageRequest& page);
Json suppressionJson(const Suppression& shown);

// Our mail of that Message-ID, and whether it went to that address: whoever forges a bounce knows neither.
std::optional<Id> ownMailTo(Reader& reader, Id org, const std::string& message_id,
                            const std::string& address);
// Whom our mail of that Message-ID was written to, for complaints, which often hide the address.
struct OwnMailRecipient {
    Id message = 0;
    std::string address;
};
std::optional<OwnMailRecipient> recipientOfOwnMail(Reader& reader, Id org, const std::string& message_id);
// A mail of ours by its number, whichever organization wrote it; nothing when it was not ours.
struct OwnMailParties {
    Id org = 0, account = 0;
    std::string peer;                  // whom its conversation is with; empty: nobody with an address
    std::vector<std::string> parties;  // who takes part in it by now
};
std::optional<OwnMailParties> findOwnMail(Reader& reader, Id message);

}  // namespace signalbox

// How the recipient of automatic mails ends them: what List-Unsubscribe offers (RFC 2369, 8058), and whom the
// use of it silences. Ways are made by the outbox; the link comes back through daemon/api, the mail through
// hub/ingest.
#pragma once

#include "base/json.h"
#include "hub/mail/mail_token.h"
#include "hub/mail/suppressions.h"

namespace signalbox {

// What the link and the mail lead to: https://HOST/unsubscribe/TOKEN.
inline constexpr std::string_view kUnsubscribePath = "/unsubscribe/";

// The link first, where the outside reaches us by https and one person alone is written to (whoever follows
// it is not asked who they are); then a mail to ourselves.
Json unsubscribeWays(const std::string& token, const std::string& own_address, const std::string& public_url,
                     bool has_one_recipient);

// The entry for the list; nothing when the mail is not known any more or nobody can be told by it. `sender`:
// who wrote, empty when the link was used.
std::optional<Suppression> unsubscription(Reader& reader, Id message, const std::string& sender);

}  // namespace signalbox

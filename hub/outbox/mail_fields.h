// The fields of a request that only mails have: subject, html, cc, bcc, a list of recipients, reply_all,
// request_receipt. Part of request_form.h; pure.
#pragma once

#include "hub/outbox/request_form.h"

namespace signalbox {

// «a@x», «Ada <a@x>», {"address", "name"}, or a list of them; the addresses as people are known by them.
// Invalid begins with `field`.
Result<std::vector<MailParty>> readMailParties(const Json& value, const std::string& field);
// As mails that came have them: [{"name", "address"}].
Json mailPartiesJson(const std::vector<MailParty>& parties);

// What stands beside `text` and goes into the content.
Status readMailFields(RequestForm& form, const Json& request);

}  // namespace signalbox

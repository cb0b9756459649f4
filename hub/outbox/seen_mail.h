// What tells a mailbox that mails were read here (\Seen), made ready outside of Writes.
#pragma once

#include "hub/model/mail_facts.h"
#include "hub/outbox/outbox_row.h"

namespace signalbox {

// Of one account. The places are noted as read in the commit that enqueues the request, so what the mailbox
// tells of its own change later is no news.
struct SeenMails {
    PreparedRequest request;
    std::vector<MailLocation> places;
};

}  // namespace signalbox

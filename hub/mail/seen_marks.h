// The read state of mails between the mailboxes and the inbox: which copies a mailbox does not know to be
// read, and how far it says a conversation is read. What lies where is written by Mails. Any thread.
#pragma once

#include <string>
#include <vector>

#include "base/ids.h"
#include "hub/model/mail_facts.h"
#include "hub/store/store.h"

namespace signalbox {

struct UnseenCopy {
    Id account = 0;
    MailLocation at;
    std::string message_id;  // the message's external id
};

// Of what came in up to line `seq` (0: all there is), newest first, at most `limit`.
std::vector<UnseenCopy> unseenCopies(Reader& reader, Id org, Id conversation, std::int64_t seq,
                                     std::size_t limit);

// The last line before the first one from outside that is unread in every mailbox, looked at from line
// `after` on; `after` when that is the next one.
std::int64_t seenUpTo(Reader& reader, Id conversation, std::int64_t after);

}  // namespace signalbox

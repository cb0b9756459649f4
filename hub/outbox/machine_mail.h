// When a mail that a workflow or an automatic answer wants to send must not leave (RFC 3834): the mail that
// it answers asks machines to be silent, or a machine of ours and one of theirs answer each other. Counts
// what the database holds, so a restart begins nothing anew. Called while a mail is prepared, never from the
// writer thread.
#pragma once

#include <optional>

#include "hub/accounts/accounts.h"
#include "hub/log/event_log.h"
#include "hub/model/mail_facts.h"
#include "hub/store/store.h"

namespace signalbox {

// Exchanges: our machine's mails and theirs, whichever is less, so a flow may send many mails that nobody
// answers, and answer many that answer none of ours with one each. A person's word starts the count anew.
inline constexpr std::int64_t kMostInThreadHour = 10, kMostInThreadDay = 30;
// Of those with one address in all its threads, for machines whose every answer begins another one.
inline constexpr std::int64_t kMostWithAddressHour = 60, kMostWithAddressDay = 300;

struct MachineMail {
    const Account& account;
    std::optional<Id> conversation;
    std::optional<Id> reply_to;  // the message that it answers in so many words
    const MailFacts& facts;      // whom it goes to
};

// Rejected with the code no_answer_wanted or loop_suspected; a loop is told once a day for an address as
// mail.loop_suspected.
Status mayMachineWrite(Store& store, EventLog& log, TimePoint now, const MachineMail& mail);

}  // namespace signalbox

// Which of a mail's times count, and whether it is history. What a sender writes into Date is shown as far as
// it can be true; clocks and the order of the inbox go by when the mail came. Pure.
#pragma once

#include <optional>

#include "base/clock.h"
#include "hub/model/mail_facts.h"

namespace signalbox {

struct MailTimes {
    // Lay in the mailbox before the account was connected: shown, found, threaded, but no news to anybody.
    // Mail that came while the daemon was down is news.
    bool is_history = false;
    TimePoint shown_at{};    // Date; where that is later than the arrival or absurdly early, the arrival
    TimePoint active_at{};   // what the conversation's last_message_at and last_inbound_at become
    TimePoint created_at{};  // its place among the conversation's messages: now, unless it is fetched late
};

// `written`: the Date header. `connected_at`: when the account was made. Depends on what is stored only, so
// it is the same after a crash.
MailTimes timesOf(const MailArrival& arrival, std::optional<TimePoint> written, TimePoint connected_at,
                  TimePoint now);

}  // namespace signalbox

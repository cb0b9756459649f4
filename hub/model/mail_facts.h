// What the hub keeps of a mail beside its envelope, whatever fetched and parsed it: how to know it again,
// which mails it answers, who took part, and where in a mailbox it lies.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"

namespace signalbox {

// By which Message-IDs are compared: some programs answer in another case than they were asked in.
inline std::string messageKey(std::string_view message_id) {
    std::string key(message_id);
    for (char& c : key) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
    return key;
}

struct MailParty {
    std::string role;     // from, to, cc, bcc, reply_to
    std::string address;  // lower case
    std::string name;
};

struct MailFacts {
    std::string message_id;              // without angle brackets; made from the content when there was none
    std::vector<std::string> ancestors;  // References and In-Reply-To, oldest first, nearest parent last
    std::string subject;
    std::string subject_base;  // by hub/mail: without Re:, Fwd: … (RFC 5256)
    bool is_response = false;  // by hub/mail: the subject says so (Re:, AW: …)
    // none, auto_reply, auto_generated, bounce, list, receipt, complaint; unsubscribe, by hub/ingest
    std::string auto_kind = "none";
    bool may_auto_reply = true;  // nothing in it says that machines must not answer (RFC 3834 and others)
    std::vector<std::string>
        marks;                 // in the text: Message-IDs that may be ours, for relays that rewrite them
    std::string thread_index;  // what Outlook (hex) or Gmail calls a conversation; empty: none
    std::string about;         // Message-ID that a bounce or receipt is about
    std::optional<TimePoint> happened_at;  // by hub/ingest: its own time for history, else when it came
    std::vector<MailParty> parties;
    std::string
        content_key;  // equal for copies of this mail in other folders and mailboxes, for no other mail
};

// How a copy came to the mailbox.
struct MailArrival {
    std::optional<TimePoint> at;  // when the server took it in (IMAP: INTERNALDATE); nothing: not known
    bool was_there = false;       // it lay in its folder when that was looked at for the first time
};

// Where a copy lies (RFC 9051, 2.3.1.1).
struct MailLocation {
    std::string folder;
    std::int64_t uidvalidity = 0, uid = 0;
    bool is_seen = false;
    friend bool operator==(const MailLocation&, const MailLocation&) = default;
};

}  // namespace signalbox

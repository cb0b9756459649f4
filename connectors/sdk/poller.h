// For providers that do not call us: what is new is fetched. The daemon calls `poll` again and again on one
// thread for each account; what a page holds and its cursor are committed together, so a crash anywhere
// fetches the page again and stores nothing twice. A poller never sleeps for a retry: it reports, the daemon
// decides when to ask again.
#pragma once

#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"
#include "hub/model/envelope.h"
#include "hub/model/mail_facts.h"

namespace signalbox {

// One thing that came, as far as it was understood. With `quarantine_reason` it is kept raw for a person and
// passed by: one bad mail never stops the others.
struct PolledItem {
    std::string place;  // for people and logs: «INBOX 1700000000/17»
    std::string raw;    // the bytes as they came
    std::vector<Envelope> envelopes;
    std::vector<std::string> files;  // the bytes of envelopes[0].attachments, in their order
    std::optional<MailFacts> mail;
    std::optional<MailLocation> location;
    MailArrival arrival;
    std::string quarantine_reason;
};

struct Page {
    std::vector<PolledItem> items;
    std::vector<MailLocation> seen_changes;  // read state of mails that are there already
    std::string cursor;                      // where to go on, once all of this is stored
    bool has_more = false;                   // ask again at once
    std::int64_t done = 0, total = 0;  // of a catch-up that takes many pages; total 0: none is under way
    std::string warning;               // what is left out, in words for people; empty: nothing
};

class Poller {
public:
    virtual ~Poller() = default;
    // What came after `cursor` ("" the first time), a bounded piece of it. Where there is nothing it may wait
    // for news and return an empty page now and then, at the latest when `stop` is requested. Errors: as
    // Sender; Unauthorized means that a person must renew the credentials. One thread at a time.
    virtual Result<Page> poll(const std::string& cursor, const std::stop_token& stop) = 0;
    // What the last poll gave could not be stored: the next one asks from the old cursor, and gives it again.
    virtual void notStored() {}
    // How long to wait after an empty page when the provider cannot tell of news.
    virtual std::chrono::seconds pause() const = 0;
    // An item that was kept in quarantine, read once more from its raw bytes. Any thread, no I/O.
    virtual PolledItem read(const std::string& place, std::string raw) const = 0;
    // An item of which nothing could be had, asked for once more over a connection of its own. Conflict: it
    // is not there any more, or cannot be had still. Any thread, beside `poll`.
    virtual Result<PolledItem> fetchAgain(const std::string& place, const std::stop_token& stop) const = 0;
};

}  // namespace signalbox

// Pages of accounts that are fetched become rows: raw bytes, people, conversations, messages, files, events
// and the new cursor in ONE commit. A page that comes again stores nothing twice: each copy of a mail has a
// place in its mailbox that counts once, and a copy elsewhere is known by its content. An item that cannot be
// stored is put into quarantine with the reason while the others and the cursor go on.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "hub/accounts/poll_states.h"
#include "hub/files/files.h"
#include "hub/ingest/ingest.h"
#include "hub/mail/mails.h"
#include "hub/mail/suppressions.h"

namespace signalbox {

// One thing of a page, its files and its raw bytes (when they are many) in the file store already.
struct FetchedMail {
    std::string place;
    std::string raw;       // up to kMaxInlineRaw bytes; else empty and
    std::string raw_blob;  // the SHA-256 under which the file store has them
    std::vector<Envelope> envelopes;
    std::vector<std::optional<FetchedFile>> files;  // of envelopes[0].attachments
    std::optional<MailFacts> mail;
    std::optional<MailLocation> location;
    MailArrival arrival;
    std::string quarantine_reason;
};
inline constexpr std::size_t kMaxInlineRaw = 64 * 1024;

struct FetchedPage {
    std::vector<FetchedMail> items;
    std::vector<MailLocation> seen_changes;
    PollState state;  // with the new cursor
};

// What a page became.
struct PageStored {
    std::int64_t new_messages = 0;
    std::int64_t known = 0;  // copies and repetitions
    std::int64_t quarantined = 0;
};

// Thread-safe.
class PageIngest {
public:
    PageIngest(Store& store, Ids& ids, const Clock& clock, EventLog& log, Inbox& inbox, Files& files,
               Mails& mails)
        : store_(store), ids_(ids), clock_(clock), log_(log), inbox_(inbox), files_(files), mails_(mails) {}

    // Waits for the commit; never from the writer thread. Unavailable: the database refuses for now, nothing
    // was stored.
    Result<PageStored> accept(AccountRef account, FetchedPage page);
    // One item that was kept in quarantine, read again.
    Result<PageStored> acceptAgain(AccountRef account, Id request, FetchedMail item);

private:
    struct Item;
    std::vector<Item> prepare(const Account& account, std::vector<FetchedMail> items) const;
    void store(Tx& tx, const Account& account, const Item& item, PageStored& result);
    void storeMail(Tx& tx, const Account& account, const Item& item, PageStored& result);
    void addMessage(Tx& tx, const Account& account, const Item& item, PageStored& result);
    void keepFiles(Tx& tx, const Account& account, const Item& item);
    void applyOthers(Tx& tx, const Account& account, const Item& item);
    void suppressRecipients(Tx& tx, const Account& account, const Item& item);
    void suppress(Tx& tx, const Account& account, Suppression added);
    void keepRaw(Tx& tx, const Account& account, const Item& item);
    void quarantine(Tx& tx, const Account& account, const Item& item, const std::string& reason);
    // Moves the mailbox's mark on, as far as its mails are seen; false: it stays.
    bool followMailbox(Tx& tx, Id conversation);
    void applySeen(Tx& tx, const Account& account, const std::vector<MailLocation>& changes);
    Result<PageStored> oneByOne(const Account& account, const std::vector<Item>& items,
                                const FetchedPage& page);

    Store& store_;
    Ids& ids_;
    const Clock& clock_;
    EventLog& log_;
    Inbox& inbox_;
    Files& files_;
    Mails& mails_;
};

}  // namespace signalbox

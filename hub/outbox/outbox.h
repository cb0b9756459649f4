// Everything that leaves: made durable in the commit of what asked for it, leased to one try at a time, in
// order within a lane. The only writer of the tables outbox and breakers. What a try came to is written
// together with its effects: the message's state, the file, the event that a workflow waits for.
// `prepare` on any thread; all else inside Writes unless it says otherwise.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

#include "hub/mail/answered_mail.h"
#include "hub/mail/mails.h"
#include "hub/outbox/delivery_watcher.h"
#include "hub/outbox/media_jobs.h"
#include "hub/outbox/outbox_row.h"
#include "hub/outbox/own_mail.h"
#include "hub/outbox/seen_mail.h"

namespace signalbox {

struct RequestForm;

class Outbox : public MediaJobs {
public:
    Outbox(Store& store, Ids& ids, const Clock& clock, const Accounts& accounts, EventLog& log, Inbox& inbox,
           Files& files, Mails* mails = nullptr);

    // Outside of Writes. Reads the form of request_form.h; Invalid and NotFound name the field. Files that it
    // names must be the source's (hub/files/named_files.h).
    Result<PreparedRequest> prepare(const Json& request, const RequestSource& source) const;
    // A mail of the daemon's own; the same rules. NotFound: the account is gone. Invalid: it sends no mail.
    Result<PreparedRequest> prepareOwn(Id org, const OwnMail& mail) const;
    // What tells the mailboxes that a conversation was read here, up to line `seq` (0: all of it); empty when
    // they know. Then, in the commit of the read mark, `enqueueSeen` for each.
    std::vector<SeenMails> prepareSeen(Id org, Id user, Id conversation, std::int64_t seq) const;
    void enqueueSeen(Tx& tx, const SeenMails& seen);
    // Throws StoreError(Constraint) when the conversation is gone or the client token was used.
    Queued enqueue(Tx& tx, const PreparedRequest& prepared);
    void wanted(Tx& tx, const Account& account, Id message, std::int64_t ordinal,
                const Attachment& attachment) override;

    // What becomes of the HTML of our side's mails: as it may leave, as people see it here, and as plain
    // text. Hub knows no HTML; whoever puts the daemon together gives it, before the first `prepare`. Without
    // it no HTML is taken.
    struct CleanHtml {
        std::string sent, shown, text;
    };
    using HtmlCleaner = std::function<CleanHtml(std::string_view html)>;
    void cleanHtmlWith(HtmlCleaner cleaner) { clean_html_ = std::move(cleaner); }

    // Told of requests that go to a webhook subscription; outlives the outbox. Before the first write.
    void watchWith(DeliveryWatcher& watcher) { watcher_ = &watcher; }

    // --- for delivery ---
    struct Leased {
        std::vector<Lease> rows;
        std::optional<TimePoint> next_due;  // of what is left; nothing: none is left
    };
    // Takes up to `limit` rows whose turn has come. Rows whose time is over are finished instead; of an
    // account that waits for a person nothing is sent.
    Leased lease(Tx& tx, const EndpointKey& endpoint, std::size_t limit, std::chrono::seconds length);
    // The next byte decides (OutboundMessage::before_leaving). False when the lease is no longer good: then
    // it is not to leave.
    bool noteLeaving(Tx& tx, const Lease& lease, const Leaving& leaving);
    // False, and nothing is written, when the lease is no longer good. Sent, Uncertain and Dead are final and
    // give the turn to the next row of the lane. A message that some recipients took leaves the lane, too:
    // the others get it when they can, and nobody waits for them.
    bool finish(Tx& tx, const Lease& lease, const TryResult& result);
    void extend(Tx& tx, const Lease& lease, TimePoint until);
    // Gives rows back that were never tried.
    void release(Tx& tx, const std::vector<Lease>& leases);
    // Rows that a dead process left leased: those that may be repeated are due again with the same key, all
    // others are uncertain. `lapsed_before`: leases up to then. Returns how many (0: all done).
    std::size_t recover(Tx& tx, TimePoint lapsed_before, std::size_t limit);
    // Finishes rows whose time is over; gives the turn where a lane has none (several nodes); notes what a
    // late receipt told about uncertain rows; deletes rows that ended before `keep_after`. A bounded piece of
    // each; true when there is more to end.
    bool tidy(Tx& tx, TimePoint keep_after);
    struct BreakerRow {
        EndpointKey endpoint;
        TimePoint open_until{};
        std::int64_t opened_times = 0;
    };
    void saveBreaker(Tx& tx, const BreakerRow& breaker);
    void forgetBreaker(Tx& tx, const EndpointKey& endpoint);

    // --- for people ---
    // Sends a dead or uncertain row again, with the same key. NotFound, or Conflict when it is in another
    // state or was delivered after all.
    Status retry(Tx& tx, Id org, Id outbox);
    // All dead rows of an account (0: of all but those private to others than `user`), at most `limit`,
    // spread so that ten leave in a second.
    std::size_t retryAll(Tx& tx, Id org, Id account, Id user, std::size_t limit);
    // Gives up a dead or uncertain row for good.
    Status discard(Tx& tx, Id org, Id outbox);
    // What could not be sent of a message that was deleted: it never leaves, and its words are gone.
    void discardOf(Tx& tx, Id message);
    // Pending and blocked rows only: what has left cannot be taken back.
    Status cancel(Tx& tx, Id org, Id outbox);
    // The account was repaired: its blocked rows are due again. False when it was not blocked.
    bool resume(Tx& tx, const Account& account);
    // A person switches the account off: what is queued for it waits until `resume`, what is being sent ends.
    // The account was removed: what waits is blocked and says so, until one of that name is connected again
    // (`resume`).
    void removed(Tx& tx, const Account& account);
    // False when it was off already.
    bool disable(Tx& tx, const Account& account, const std::string& reason);

    // Called after a commit that made rows due, on the writer thread. Register before the first write.
    struct Due {
        EndpointKey endpoint;
        TimePoint at{};
    };
    void onDue(std::function<void(const std::vector<Due>&)> listener);

private:
    // A row as far as its end needs it. An update counts only while `state` and `token` are still what was
    // read.
    struct Found {
        Id id = 0, account = 0;
        OutboxKind kind = OutboxKind::Message;
        std::string lane, endpoint, run_key, state, request;
        Id message = 0, subscription = 0;
        std::int64_t ordinal = 0, token = 0, crashes = 0;
        std::chrono::microseconds lifetime{};
        SendProgress progress = {};
        bool is_unknown = false;  // of a row: an earlier try may have sent it
    };
    static Found fromRow(const Row& row);
    static Found fromLease(const Lease& lease);
    std::optional<Found> find(Tx& tx, Id org, Id outbox);

    Status mayReach(const MailFacts& facts, Id org) const;
    Status mayJoin(const PreparedRequest& prepared, const std::vector<MailParty>& parties,
                   const std::optional<AnsweredMail>& answered) const;
    IsOurs ownAddresses(Id org) const;
    IsOurs ownAddresses(const Account& account, Id user) const;
    Result<std::optional<AnsweredMail>> findAnswered(const PreparedRequest& prepared, const RequestForm& form,
                                                     Id org) const;
    Result<std::vector<MailParty>> mailParties(const PreparedRequest& prepared, const RequestForm& form,
                                               const std::optional<AnsweredMail>& answered, Id user) const;
    Status cleanHtml(RequestForm& form) const;
    Status prepareMail(PreparedRequest& prepared, RequestForm& form, const RequestSource& source,
                       Id message) const;
    Result<std::vector<NamedFile>> nameFilesOf(Json& request, const RequestSource& source) const;
    void linkFiles(PreparedRequest& prepared, RequestForm& form, const std::vector<NamedFile>& named) const;
    void carry(Tx& tx, const PreparedRequest& prepared, Id message);
    std::optional<Queued> findKnown(Tx& tx, const std::string& key);
    void insert(Tx& tx, const PreparedRequest& prepared, const Queued& queued, std::int64_t ordinal);
    void addContext(Tx& tx, Lease& lease, const Row& row);
    std::string targetOf(Tx& tx, const Lease& lease, Id reply_to);
    void tellWatcher(Tx& tx, const Found& row, const TryResult& result);
    bool retryLater(Tx& tx, const Found& row, const TryResult& result);
    bool retryRest(Tx& tx, const Found& row, const TryResult& result);
    void tellRecipients(Tx& tx, const Account& account, const Found& row, const Receipt& receipt);
    void tellWaiting(Tx& tx, const Account& account, const Found& row, const TryResult& result);
    void tellRun(Tx& tx, const Account& account, const Found& row, const TryResult& result);
    void settle(Tx& tx);
    void wantCopy(Tx& tx, const Found& row, const std::string& request);
    bool block(Tx& tx, const Found& row, const Error& error);
    bool end(Tx& tx, const Found& row, const TryResult& result);
    void pass(Tx& tx, const Found& row);
    void tell(Tx& tx, const Found& row, const TryResult& result);
    void tellMessage(Tx& tx, const Account& account, const Found& row, const TryResult& result);
    void suppress(Tx& tx, const Account& account, Id message, const std::string& address,
                  const std::string& detail);
    void suppressOnly(Tx& tx, const Account& account, const Found& row, const TryResult& result);
    void tellFile(Tx& tx, const Account& account, const Found& row, const TryResult& result);
    void recoverOne(Tx& tx, const Found& row);
    void revive(Tx& tx, const Found& row, TimePoint at);
    void stage(Id account, std::string endpoint, TimePoint at);
    void announce();

    Store& store_;
    Ids& ids_;
    const Clock& clock_;
    const Accounts& accounts_;
    EventLog& log_;
    Inbox& inbox_;
    Files& files_;
    Mails* const mails_;  // null: no account sends mail
    DeliveryWatcher* watcher_ = nullptr;
    HtmlCleaner clean_html_;

    std::mutex staged_mutex_;
    std::map<std::thread::id, std::vector<Due>> staged_;  // of each writer thread's open group
    std::vector<std::function<void(const std::vector<Due>&)>> listeners_;
};

}  // namespace signalbox

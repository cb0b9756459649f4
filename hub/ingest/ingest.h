// The front of the stream: what a connector understood of a callback becomes rows, all in one commit: the raw
// request, the dedup keys, people, conversations, messages, events, files to fetch. The caller's answer to
// the provider is sent from `done`, after that commit. Nothing that was acknowledged is lost, nothing is
// stored twice.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/http_message.h"
#include "base/ids.h"
#include "hub/accounts/accounts.h"
#include "hub/inbox/inbox.h"
#include "hub/log/event_log.h"
#include "hub/model/envelope.h"
#include "hub/outbox/media_jobs.h"
#include "hub/people/people.h"
#include "hub/store/store.h"

namespace signalbox {

// What a callback became.
struct Ingested {
    std::int64_t new_envelopes = 0;
    std::int64_t duplicates = 0;
    std::int64_t first_offset = 0;  // of the first event written; 0: none
    Id request = 0;                 // the raw request; 0: not kept (all of it was known already)
};
using IngestDone = std::function<void(const Result<Ingested>&)>;

// A message as the inbox takes it, from what a connector understood. Any thread.
MessageDraft draftOf(const Envelope& envelope, Id id, Id request, TimePoint now);

// Thread-safe.
class Ingest {
public:
    Ingest(Store& store, Ids& ids, const Clock& clock, EventLog& log, People& people, Inbox& inbox,
           MediaJobs& media);

    // Stores what the connector made of `request`. With a quarantine reason the raw request is kept for
    // replay even when no envelope came out. `done` runs on the writer thread, or on the caller's when the
    // store refuses at once.
    void accept(AccountRef account, HttpRequest request, std::vector<Envelope> envelopes,
                std::string quarantine_reason, IngestDone done);
    // The same for a request in quarantine; it leaves it when `quarantine_reason` is empty. One that has left
    // already is stored no second time: all of it are duplicates.
    void acceptAgain(AccountRef account, Id request, std::vector<Envelope> envelopes,
                     std::string quarantine_reason, IngestDone done);

private:
    struct Prepared;
    using PreparedRef = std::shared_ptr<Prepared>;  // shared by the write and its callback
    void submit(PreparedRef prepared, IngestDone done);
    void write(PreparedRef prepared, IngestDone done);
    void write(Tx& tx, Prepared& prepared);
    bool isNew(Tx& tx, const Prepared& prepared, const Envelope& envelope);
    std::int64_t store(Tx& tx, Prepared& prepared, std::size_t index);
    bool takeFromQuarantine(Tx& tx, const Prepared& prepared);
    void keepRaw(Tx& tx, const Prepared& prepared);

    Store& store_;
    Ids& ids_;
    const Clock& clock_;
    EventLog& log_;
    People& people_;
    Inbox& inbox_;
    MediaJobs& media_;
};

}  // namespace signalbox

// Takes away stored content that nobody names any more, and encrypts what is not encrypted under the newest
// key. Nothing that is named is ever deleted, whatever happens at the same time, on however many nodes:
//   1. what no row names is marked in the database;
//   2. what is still marked and unnamed after `grace` is claimed («deleting») in a commit that looks again;
//   3. then the object goes, then the mark.
// Whoever is about to name content calls `keep` first (the blob store does before each put): it takes the
// mark away, so that at least `grace` passes until a deletion; a claim that came first is answered
// Unavailable, and the caller comes again. A crash between 2 and 3 is finished by the next round. The only
// writer of blob_marks.
#pragma once

#include <chrono>
#include <stop_token>

#include "base/clock.h"
#include "hub/files/blob_keys.h"
#include "hub/files/blob_store.h"
#include "hub/store/store.h"

namespace signalbox {

class BlobCollector {
public:
    // `grace`: far longer than anybody takes from `keep` to his commit. `keys` may be null.
    BlobCollector(Store& store, const Clock& clock, const BlobStore& blobs, BlobKeys* keys,
                  std::chrono::hours grace)
        : store_(store), clock_(clock), blobs_(blobs), keys_(keys), grace_(grace) {}

    // Any thread but the writer's; usually one look-up. Unavailable «being_deleted»: try again in a second.
    Status keep(const std::string& sha256);

    struct Round {
        std::size_t seen = 0, marked = 0, deleted = 0, encrypted = 0;
    };
    // One thread. Stops early when asked to; what is left is done by the next round.
    Result<Round> run(const std::stop_token& stop);

private:
    Status finishDeletions(Round& round);
    Status mark(const std::vector<std::string>& names, Round& round);
    Status claimDue(const std::stop_token& stop);
    struct RoundBegin {
        TimePoint at{};
        std::int64_t newest_key = 0;
    };
    Status encrypt(const std::vector<std::string>& names, const RoundBegin& begin, Round& round,
                   const std::stop_token& stop);

    Store& store_;
    const Clock& clock_;
    const BlobStore& blobs_;
    BlobKeys* const keys_;
    const std::chrono::hours grace_;
};

}  // namespace signalbox

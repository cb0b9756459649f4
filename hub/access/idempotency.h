// Idempotency-Key on POST: the first answer is kept for a day and given again, whatever happens to the
// connection. Thread-safe.
#pragma once

#include <optional>
#include <string>

#include "base/clock.h"
#include "base/http_message.h"
#include "base/secret.h"
#include "hub/access/caller.h"
#include "hub/store/store.h"

namespace signalbox {

class Idempotency {
public:
    Idempotency(Store& store, const Clock& clock) : store_(store), clock_(clock) {}

    // Nothing: the key is ours now, do the work and call `finish`. A response: give it instead (the kept
    // answer, 409 while the first is still at work, 422 when the key was used for something else).
    // `credential`: what the caller showed, for an answer that was sealed with it.
    Result<std::optional<HttpResponse>> begin(const Caller& caller, const std::string& key,
                                              const std::string& fingerprint, const Secret& credential);
    // What belongs into the first commit of the work: from then on it is not done twice. A repeat of a call
    // that a crash cut off behind that commit gets 409 instead of a second ticket.
    void noteWork(Tx& tx, const Caller& caller, const std::string& key) const;
    // Keeps the answer; one of 5xx or 429 gives the key back, so that the caller may try again.
    void finish(const Caller& caller, const std::string& key, const HttpResponse& response);
    // The same for an answer that holds a secret: it is kept sealed with the caller's own credential, which
    // is stored nowhere, so that only he can be given it again.
    void finishSealed(const Caller& caller, const std::string& key, HttpResponse response,
                      const Secret& credential);
    // At start: keys of calls that a crash cut off before they did anything are given back. And now and then:
    // keys older than a day.
    void releaseUnfinished();
    void forgetOld();

private:
    Store& store_;
    const Clock& clock_;
};

}  // namespace signalbox

// Idempotency-Key on POST: the first answer is kept for a day and given again, whatever happens to the
// connection. Thread-safe.
#pragma once

#include <optional>
#include <string>

#include "base/clock.h"
#include "base/http_message.h"
#include "hub/access/caller.h"
#include "hub/store/store.h"

namespace signalbox {

class Idempotency {
public:
    Idempotency(Store& store, const Clock& clock) : store_(store), clock_(clock) {}

    // Nothing: the key is ours now, do the work and call `finish`. A response: give it instead (the kept
    // answer, 409 while the first is still at work, 422 when the key was used for something else).
    Result<std::optional<HttpResponse>> begin(const Caller& caller, const std::string& key,
                                              const std::string& fingerprint);
    // Keeps the answer; an answer of 5xx gives the key back, so that the caller may try again.
    void finish(const Caller& caller, const std::string& key, const HttpResponse& response);
    // At start: keys of calls that a crash cut off are given back. And now and then: keys older than a day.
    void releaseUnfinished();
    void forgetOld();

private:
    Store& store_;
    const Clock& clock_;
};

}  // namespace signalbox

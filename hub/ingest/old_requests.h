// What becomes of callbacks that were understood, and of the keys by which a repetition is known: they are
// kept, or deleted after a time. Never a callback in quarantine, nor its keys. One thread.
#pragma once

#include <string>

#include "base/clock.h"
#include "base/ids.h"
#include "base/result.h"
#include "hub/store/store.h"

namespace signalbox {

class OldRequests {
public:
    explicit OldRequests(Store& store) : store_(store) {}

    // The next few hundred of what came before `before`. True: call again; false: that was the last of this
    // round.
    Result<bool> forgetSome(TimePoint before);

private:
    Result<bool> forgetKeys(TimePoint before);

    Store& store_;
    Id account_ = 0;  // the keys are looked through up to here
    std::string key_;
};

}  // namespace signalbox

// What runs claim from one another, for the nodes dedupe and throttle. A claim is decided in the commit that
// takes it, and looked at in the walk behind it; so of many runs at once exactly one gets a key. The actions
// are called by workflow workers; thread-safe.
#pragma once

#include "hub/store/store.h"
#include "workflow/engine/ports.h"

namespace signalbox::workflow {

class Claims {
public:
    // `store` outlives the object.
    explicit Claims(Store& store) : store_(store) {}

    // {"kind": "claim.take", "key", "window_s"}: takes the key unless somebody has it. Gives {}.
    Result<PreparedAction> take(const ActionRequest& action) const;
    // {"kind": "claim.check", "key"}: {"is_owner"}.
    Result<PreparedAction> check(const ActionRequest& action) const;
    // {"kind": "slot.take", "key", "limit", "per_s", "may_wait"}: takes the next free slot of a rate. Gives
    // {}.
    Result<PreparedAction> takeSlot(const ActionRequest& action) const;
    // {"kind": "slot.check", "key"}: {"at": micros}, or {"at": null} when there was none and it may not wait.
    Result<PreparedAction> checkSlot(const ActionRequest& action) const;

private:
    Store& store_;
};

}  // namespace signalbox::workflow

// One try: makes of a lease what the connector needs, asks it, and decides what its answer leads to. Any
// thread of the delivery pools; no SQL, no lock.
#pragma once

#include <functional>
#include <optional>
#include <stop_token>

#include "daemon/app/connector_set.h"
#include "daemon/delivery/retry_policy.h"
#include "hub/files/blob_store.h"

namespace signalbox {

struct Attempted {
    TryResult result;
    Verdict verdict = Verdict::Answered;
    std::optional<std::chrono::seconds> pause;  // the provider asked the whole account to wait
};

// `connected` may be null: the account is not configured (any more). `before_leaving`: see OutboundMessage.
Attempted attempt(const Lease& lease, const ConnectedAccount* connected, const BlobStore& blobs,
                  const Clock& clock, const std::function<Status(const Leaving&)>& before_leaving,
                  const std::stop_token& stop);

}  // namespace signalbox

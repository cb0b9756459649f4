// Whoever keeps watch over a target of requests (hub/webhooks) is told what each try came to.
#pragma once

#include "hub/outbox/outbox_row.h"

namespace signalbox {

struct TriedDelivery {
    Id outbox = 0, subscription = 0;
    const TryResult& result;
};

class DeliveryWatcher {
public:
    virtual ~DeliveryWatcher() = default;
    // Inside Writes, in the commit that writes the result.
    virtual void tried(Tx& tx, const TriedDelivery& delivery) = 0;
};

}  // namespace signalbox

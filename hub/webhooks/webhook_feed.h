// Posts events of the log to the subscriptions that want them: a consumer of the log with its own cursor;
// what is to be delivered goes to the outbox in the commit that moves it, so each event is put there once for
// each subscription, whatever happens. A subscription gets what comes after it was made. One thread.
#pragma once

#include "hub/log/log_consumer.h"
#include "hub/outbox/outbox.h"
#include "hub/webhooks/webhooks.h"

namespace signalbox {

class WebhookFeed {
public:
    // All outlive the object.
    struct Parts {
        Store& store;
        Clock& clock;
        const Accounts& accounts;
        EventLog& log;
        Outbox& outbox;
        Webhooks& webhooks;
    };
    explicit WebhookFeed(Parts parts);

    void start();
    void stop() { consumer_.stop(); }
    // Looks at the next events of the log. False when there are none. Throws StoreError.
    bool step();

private:
    void readSubscriptions();
    std::optional<PreparedRequest> deliveryOf(const LogRecord& record, const std::string& type, Json data,
                                              const WebhookSubscription& subscription) const;
    void add(const LogRecord& record, std::vector<PreparedRequest>& deliveries) const;

    const Parts parts_;
    std::vector<Webhooks::Active> active_;
    std::int64_t changes_ = 0;  // that `active_` knows of
    TimePoint forgotten_at_{};
    LogConsumer consumer_;
};

// The request that tells `subscription` of something: {type, timestamp, …} as Standard Webhooks has it. The
// same key again is the same delivery. Any thread.
Result<PreparedRequest> prepareDelivery(const Outbox& outbox, const WebhookSubscription& subscription,
                                        Json body, const std::string& key);

}  // namespace signalbox

// Posts events of the log to the subscriptions that want them: a consumer of the log with its own cursor;
// what is to be delivered goes to the outbox in the commit that moves it, so each event is put there once for
// each subscription, whatever happens. A subscription gets what comes after it was made. One thread.
#pragma once

#include <thread>

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
    explicit WebhookFeed(Parts parts) : parts_(parts) {}
    ~WebhookFeed() { stop(); }

    void start();
    void stop();
    // Looks at the next events of the log. False when there are none. Throws StoreError.
    bool step();

private:
    void work(const std::stop_token& stop);
    void begin();
    void readSubscriptions();
    std::optional<PreparedRequest> deliveryOf(const LogRecord& record, const std::string& type, Json data,
                                              const WebhookSubscription& subscription) const;
    void add(const LogRecord& record, std::vector<PreparedRequest>& deliveries) const;
    void moveTo(std::int64_t offset, const std::vector<PreparedRequest>& deliveries);
    bool commit(const std::vector<PreparedRequest>& deliveries, std::int64_t to);

    const Parts parts_;
    std::vector<Webhooks::Active> active_;
    std::int64_t changes_ = 0;  // that `active_` knows of
    TimePoint saved_at_{}, forgotten_at_{};
    std::int64_t position_ = -1, saved_ = 0;  // looked at; what the cursor in the database says
    std::jthread thread_;
};

// The request that tells `subscription` of something: {type, timestamp, …} as Standard Webhooks has it. The
// same key again is the same delivery. Any thread.
Result<PreparedRequest> prepareDelivery(const Outbox& outbox, const WebhookSubscription& subscription,
                                        Json body, const std::string& key);

}  // namespace signalbox

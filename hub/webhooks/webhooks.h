// The webhook subscriptions of all organizations: the only writer of webhook_subscriptions and
// webhook_attempts. Secrets are sealed by the vault and shown once. One whose receiver has failed for five
// days without a success, or says 410 Gone, is switched off and its administrators are told. Any thread,
// except `tried` (inside Writes).
#pragma once

#include <atomic>
#include <optional>

#include "hub/log/event_log.h"
#include "hub/model/actor.h"
#include "hub/model/webhook_target.h"
#include "hub/notices/notices.h"
#include "hub/outbox/delivery_watcher.h"
#include "hub/store/store.h"
#include "hub/vault/vault.h"
#include "hub/webhooks/subscription.h"

namespace signalbox {

class Webhooks : public DeliveryWatcher {
public:
    // All outlive the object.
    struct Parts {
        Store& store;
        Ids& ids;
        const Clock& clock;
        const Vault& vault;
        EventLog& log;
        Notices& notices;
    };
    explicit Webhooks(Parts parts) : parts_(parts) {}

    // As the API shows them, newest first; never more than 100 of an organization.
    Json list(Id org) const;
    std::optional<Json> shown(Id org, Id subscription) const;
    bool has(Id org, Id subscription) const { return shown(org, subscription).has_value(); }

    struct Made {
        Id id = 0;
        std::string secret;  // to be shown this once
    };
    Result<Made> create(Id org, const Json& form, const std::string& by);
    // What is left out stays. NotFound; Conflict «changed_meanwhile».
    Status change(Id org, Id subscription, const Json& form, const Edit& edit);
    // Gives the new secret; the old one signs besides for a day.
    Result<std::string> rotate(Id org, Id subscription, const Edit& edit);
    // What still waits to be delivered fails. NotFound; Conflict «changed_meanwhile».
    Status remove(Id org, Id subscription, const Edit& edit);

    struct Target {
        std::string url;
        std::vector<Secret> keys;
    };
    // For a try that leaves now. NotFound: it was removed; Rejected «webhook_disabled».
    Result<Target> target(Id org, Id subscription) const;

    struct Active {
        WebhookSubscription subscription;
        TimePoint created_at{};
    };
    // Of all organizations.
    std::vector<Active> active() const;
    // Grows with each change made here, so that whoever keeps `active` knows.
    std::int64_t changes() const { return changes_; }

    void tried(Tx& tx, const TriedDelivery& delivery) override;
    // The tries of some deliveries, oldest first, by the delivery's id.
    std::map<Id, Json> triesOf(std::span<const Id> deliveries) const;
    // Of tries before `time`, a bounded piece; how many went.
    std::int64_t forgetTries(TimePoint time);

private:
    struct Kept;
    static std::optional<Kept> find(Reader& reader, Id org, Id subscription);
    Result<WebhookSecrets> secretsOf(const Kept& kept) const;
    std::string seal(Id org, Id subscription, const WebhookSecrets& secrets) const;
    // Writes what `change` makes of the row that `edit` saw.
    template <class Change>
    Status edited(Id org, Id subscription, const Edit& edit, Change change);
    void failed(Tx& tx, Id subscription, const Error& error);
    void switchOff(Tx& tx, Id subscription, const Row& failing, const std::string& reason);

    const Parts parts_;
    std::atomic<std::int64_t> changes_{1};
};

}  // namespace signalbox

// Where an organization wants events posted, and which. A value; pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "base/json.h"
#include "base/result.h"
#include "base/secret.h"

namespace signalbox {

struct WebhookSubscription {
    Id id = 0, org = 0;
    std::string url, description;
    std::vector<std::string> events;  // "lead.created", "lead.*", "*"
    bool is_active = true;

    bool wants(std::string_view type) const;
};

// What is given of {url, description, events, state}; the rest is as in `before`. Unknown members are
// errors. Errors: Invalid, naming the member.
Result<WebhookSubscription> readSubscription(const Json& form, WebhookSubscription before);
// "order.paid": 1 to 100 of a–z 0–9 . _ -
bool isEventName(std::string_view text);

// What signs the deliveries: after a rotation both for a day, so that the receiver can follow.
struct WebhookSecrets {
    std::string current, previous;
    TimePoint previous_until{};

    static WebhookSecrets fresh();
    WebhookSecrets rotated(TimePoint now) const;
    // As Standard Webhooks takes them, the present one first.
    std::vector<Secret> keys(TimePoint now) const;
};

}  // namespace signalbox

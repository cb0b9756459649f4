// Does a request come from whom it should? Pure; any thread.
#pragma once

#include <optional>
#include <string>

#include "base/clock.h"
#include "base/http_message.h"
#include "connectors/webhook/config.h"

namespace signalbox::webhook {

// What the sender said about the delivery, checked together with the signature where it is signed.
struct Proof {
    std::string id;                      // empty: none
    std::optional<TimePoint> signed_at;  // nothing: not signed with a time
};

// Unauthorized: no proof, a wrong one, or one that is too old (or from the future).
Result<Proof> verify(const Verifier& verifier, const HttpRequest& request, TimePoint now);

// Unix seconds, or milliseconds when there are 13 digits.
std::optional<TimePoint> parseTimestamp(std::string_view text);

}  // namespace signalbox::webhook

// /hooks/{account}: the door of the providers. Verifies and normalizes on the network thread (no I/O), hands
// over to ingest, and answers when the commit is done. A forged callback is refused and stored nowhere; one
// that cannot be stored is refused with 503, so that the provider sends it again.
#pragma once

#include <atomic>

#include "base/clock.h"
#include "daemon/app/connector_set.h"
#include "daemon/hooks/response_waiters.h"
#include "daemon/http/server.h"
#include "hub/ingest/ingest.h"

namespace signalbox {

struct HookStats {
    std::atomic<std::uint64_t> received{0}, acknowledged{0}, duplicates{0}, refused{0}, quarantined{0},
        deferred{0}, unknown_account{0};
};

class HookDoor {
public:
    HookDoor(const ConnectorSet& connectors, Ingest& ingest, ResponseWaiters& waiters, const Clock& clock)
        : connectors_(connectors), ingest_(ingest), waiters_(waiters), clock_(clock) {}

    // Asio threads; never blocks.
    void handle(HttpRequest request, http::Responder responder);
    const HookStats& stats() const { return stats_; }

    // A kept request once more, as of the time it came. Waits for the commit.
    Result<Ingested> replay(const ConnectedAccount& connected, Id request, const HttpRequest& kept,
                            TimePoint received_at);

private:
    // What of one callback is whose.
    struct Share {
        ConnectedRef connected;
        std::vector<Envelope> envelopes;
        std::string quarantine_reason;
    };
    struct Delivery {
        HttpRequest request;
        HttpResponse reply;
        http::Responder responder;
        std::vector<Share> shares;  // the last is of the account that was called
        std::size_t new_envelopes = 0;
    };
    std::vector<Share> share(const ConnectedRef& connected, const HttpRequest& request,
                             Received& received) const;
    void store(const std::shared_ptr<Delivery>& delivery, std::size_t index);
    void acknowledge(const ConnectedRef& connected, const Ingested& result, Delivery& delivery);

    const ConnectorSet& connectors_;
    Ingest& ingest_;
    ResponseWaiters& waiters_;
    const Clock& clock_;
    HookStats stats_;
};

}  // namespace signalbox

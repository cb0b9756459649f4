#include "daemon/hooks/hook_door.h"

#include <future>
#include <set>

#include "base/log.h"

namespace signalbox {
namespace {

constexpr std::string_view kPrefix = "/hooks/";

HttpResponse comeAgain(const std::string& why) {
    auto response = problem(503, "not_stored", "not stored, send it again: " + why);
    response.headers.add("retry-after", "5");
    return response;
}

HttpResponse refusal(const Error& error) {
    switch (error.kind) {
        case ErrorKind::Unauthorized:
            return problem(401, "signature_invalid", error.message);
        case ErrorKind::Forbidden:
            return problem(403, "forbidden", error.message);
        case ErrorKind::NotFound:
            return problem(405, "method_not_allowed", error.message);
        default:
            return problem(400, "callback_invalid", error.message);
    }
}

}  // namespace

void HookDoor::handle(HttpRequest request, http::Responder responder) {
    ++stats_.received;
    const std::string name = percentDecode(request.path().substr(kPrefix.size()));
    const auto connected = connectors_.byHook(name);
    Receiver* receiver = connected ? connected->connector->receiver() : nullptr;
    if (receiver == nullptr) {
        ++stats_.unknown_account;
        if (request.method == "POST")
            log::warn("hook_without_account", {{"path", std::string(request.path())}});
        responder.reply(problem(404, "account_unknown", "no account of that name takes callbacks"));
        return;
    }
    auto received = receiver->receive(request, clock_.now());
    if (!received) {
        ++stats_.refused;
        log::debug("hook_refused",
                   {{"account", connected->account->name}, {"reason", received.error().message}});
        responder.reply(refusal(received.error()));
        return;
    }
    if (received->envelopes.empty() && received->quarantine_reason.empty()) {
        responder.reply(std::move(received->reply));
        return;
    }
    if (!received->quarantine_reason.empty()) {
        ++stats_.quarantined;
        log::warn("callback_quarantined",
                  {{"account", connected->account->name}, {"reason", received->quarantine_reason}});
    }
    auto shares = share(connected, request, *received);
    const std::shared_ptr<Delivery> delivery(new Delivery{std::move(request), std::move(received->reply),
                                                          std::move(responder), std::move(shares), 0});
    store(delivery, 0);
}

// Several numbers of one app have one callback address: each message goes to the account of its number. That
// account must accept the request by its own secret.
std::vector<HookDoor::Share> HookDoor::share(const ConnectedRef& connected, const HttpRequest& request,
                                             Received& received) const {
    std::vector<Share> shares;
    std::set<std::string> theirs;
    for (const std::size_t index : received.of_others) theirs.insert(received.envelopes[index].dedup_key);
    for (const ConnectedRef& other : theirs.empty() ? std::vector<ConnectedRef>() : connectors_.all()) {
        Receiver* receiver = other->connector->receiver();
        if (receiver == nullptr || other->account->id == connected->account->id ||
            other->account->org != connected->account->org ||
            other->account->type != connected->account->type)
            continue;
        auto seen = receiver->receive(request, clock_.now());
        if (!seen) continue;
        for (const std::size_t index : seen->of_others) seen->envelopes[index].dedup_key.clear();
        std::erase_if(seen->envelopes, [&](const Envelope& envelope) {
            return envelope.dedup_key.empty() || theirs.erase(envelope.dedup_key) == 0;
        });
        if (!seen->envelopes.empty()) shares.push_back({other, std::move(seen->envelopes), ""});
    }
    // What nobody has is kept here, and says whose it is.
    for (auto it = received.of_others.rbegin(); it != received.of_others.rend() && !shares.empty(); ++it) {
        const auto at = received.envelopes.begin() + static_cast<std::ptrdiff_t>(*it);
        if (!theirs.contains(at->dedup_key)) received.envelopes.erase(at);
    }
    if (shares.empty() || !received.envelopes.empty() || !received.quarantine_reason.empty())
        shares.push_back({connected, std::move(received.envelopes), std::move(received.quarantine_reason)});
    return shares;
}

// One commit for each account; the provider is answered behind the last.
void HookDoor::store(const std::shared_ptr<Delivery>& delivery, std::size_t index) {
    Share& share = delivery->shares[index];
    const bool is_last = index + 1 == delivery->shares.size();
    HttpRequest request = is_last ? std::move(delivery->request) : delivery->request;
    ingest_.accept(share.connected->account, std::move(request), std::move(share.envelopes),
                   std::move(share.quarantine_reason),
                   [this, delivery, index, is_last](const Result<Ingested>& result) {
                       if (!result) {
                           ++stats_.deferred;
                           delivery->responder.reply(comeAgain(result.error().message));
                           return;
                       }
                       delivery->new_envelopes += static_cast<std::size_t>(result->new_envelopes);
                       if (!is_last) return store(delivery, index + 1);
                       acknowledge(delivery->shares[index].connected, *result, *delivery);
                   });
}

void HookDoor::acknowledge(const ConnectedRef& connected, const Ingested& result, Delivery& delivery) {
    ++stats_.acknowledged;
    if (delivery.new_envelopes == 0) ++stats_.duplicates;
    if (connected->respond_timeout && result.first_offset != 0) {
        waiters_.wait(result.first_offset, delivery.responder, *connected->respond_timeout);
        return;
    }
    delivery.responder.reply(delivery.reply);
}

Result<Ingested> HookDoor::replay(const ConnectedAccount& connected, Id request, const HttpRequest& kept,
                                  TimePoint received_at) {
    Receiver* receiver = connected.connector->receiver();
    if (receiver == nullptr) return Error{ErrorKind::Invalid, "this account no longer takes callbacks"};
    auto received = receiver->receive(kept, received_at);
    if (!received) return withContext("replay", received.error());
    std::promise<Result<Ingested>> promise;
    auto future = promise.get_future();
    ingest_.acceptAgain(connected.account, request, std::move(received->envelopes),
                        std::move(received->quarantine_reason),
                        [&](const Result<Ingested>& result) { promise.set_value(result); });
    return future.get();
}

}  // namespace signalbox

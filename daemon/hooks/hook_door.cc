#include "daemon/hooks/hook_door.h"

#include <future>

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
    store(connected, std::move(request), std::move(*received), std::move(responder));
}

void HookDoor::store(const ConnectedRef& connected, HttpRequest request, Received received,
                     http::Responder responder) {
    if (!received.quarantine_reason.empty()) {
        ++stats_.quarantined;
        log::warn("callback_quarantined",
                  {{"account", connected->account->name}, {"reason", received.quarantine_reason}});
    }
    ingest_.accept(connected->account, std::move(request), std::move(received.envelopes),
                   std::move(received.quarantine_reason),
                   [this, connected, reply = std::move(received.reply),
                    responder = std::move(responder)](const Result<Ingested>& result) {
                       if (!result) {
                           ++stats_.deferred;
                           responder.reply(comeAgain(result.error().message));
                           return;
                       }
                       ++stats_.acknowledged;
                       if (result->new_envelopes == 0) ++stats_.duplicates;
                       if (connected->respond_timeout && result->first_offset != 0) {
                           waiters_.wait(result->first_offset, responder, *connected->respond_timeout);
                           return;
                       }
                       responder.reply(reply);
                   });
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

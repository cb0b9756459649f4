#include "daemon/hooks/trigger_door.h"

#include <algorithm>
#include <cmath>
#include <future>

#include "base/log.h"
#include "daemon/hooks/form_page.h"
#include "hub/accounts/built_in.h"

namespace signalbox {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kWebhooks = "/webhooks/", kForms = "/forms/";

HttpResponse comeAgain(const Error& error) {
    auto response = problem(503, "not_stored", "not stored, send it again: " + error.message);
    response.headers.add("retry-after", "5");
    return response;
}

HttpResponse refusal(const Error& error) {
    if (error.kind == ErrorKind::Unauthorized) return problem(401, "signature_invalid", error.message);
    if (error.kind == ErrorKind::Forbidden) return problem(403, "forbidden", error.message);
    return problem(400, "callback_invalid", error.message);
}

// What the run is told of the way it came in.
Json endpointOf(const TriggerPath& path, Json captures) {
    return {{"path", publicPath(path)},
            {"params", std::move(captures)},
            {"workflow_id", path.workflow},
            {"node", path.node}};
}

std::chrono::seconds timeoutOf(const TriggerPath& path) {
    return std::chrono::seconds(numberAt(path.params, "respond_timeout_s", 10));
}

HttpResponse answerAtOnce(const Json& params) {
    const int status = static_cast<int>(numberAt(params, "reply_status", 200));
    const std::string body = textAt(params, "reply_body");
    if (body.empty())
        return status == 204 ? HttpResponse{204, {}, ""} : jsonResponse(status, R"({"ok":true})");
    const bool is_json = parseJson(body).ok();
    return {status, {{"content-type", is_json ? "application/json" : "text/plain; charset=utf-8"}}, body};
}

}  // namespace

std::shared_ptr<const TriggerPaths> TriggerDoor::paths() {
    const auto index = parts_.engine.published();
    std::lock_guard lock(mutex_);
    if (index != index_ || !paths_) {
        index_ = index;
        paths_ = std::make_shared<const TriggerPaths>(*index);
    }
    return paths_;
}

void TriggerDoor::handle(HttpRequest request, http::Responder responder) {
    std::string_view path = request.path();
    const bool is_form = path.starts_with(kForms);
    path.remove_prefix((is_form ? kForms : kWebhooks).size());
    const auto match = paths()->find(is_form, request.method, path);
    if (!match.path) {
        if (is_form) return responder.reply(messagePage(404, "Not found", "There is no such form."));
        if (match.allowed.empty())
            return responder.reply(
                problem(404, "not_found", "no published workflow has a trigger.webhook with this path"));
        auto response = problem(405, "method_not_allowed", "this path takes another method");
        std::string allowed;
        for (const auto& method : match.allowed) allowed += (allowed.empty() ? "" : ", ") + method;
        response.headers.add("allow", allowed);
        return responder.reply(std::move(response));
    }
    if (is_form) return serveForm(match.path, request, responder);
    takeWebhook(match, std::move(request), std::move(responder));
}

// The connector «webhook» verifies and reads; only the secret comes from a credential. Kept until the
// workflow or the credential changes.
Result<std::shared_ptr<Connector>> TriggerDoor::verifierOf(const TriggerPath& path) {
    Json verifier = path.params.contains("verify") ? path.params["verify"] : Json{{"kind", "none"}};
    const std::string name = textAt(verifier, "credential");
    verifier.erase("credential");
    std::string made_of = std::to_string(path.version);
    if (!name.empty()) {
        const auto credential = parts_.credentials.find(path.org, name);
        if (!credential) return credential.error();
        if (credential->type != "signing")
            return Error{ErrorKind::Invalid, "credential \"" + name + "\": must be of type signing"};
        made_of += '/' + std::to_string(credential->id) + '/' + std::to_string(credential->revision);
        verifier["secret"] = credential->text("secret");
        if (const std::string old = credential->text("previous_secret"); !old.empty())
            verifier["secret_secondary"] = old;
    }
    const std::pair key(path.workflow, path.node);
    {
        std::lock_guard lock(mutex_);
        const auto kept = verifiers_.find(key);
        if (kept != verifiers_.end() && kept->second.made_of == made_of) return kept->second.connector;
    }
    Json account = {{"name", "own"}, {"type", "webhook"}, {"verifier", std::move(verifier)}};
    for (const char* member : {"dedup", "event_type", "keep_headers"})
        if (path.params.contains(member)) account[member] = path.params[member];
    auto checked = config::checkAccount(std::move(account), parts_.schemas);
    if (!checked) return checked.error();
    for (const char* own : {"name", "type", "region"}) checked->erase(own);
    auto made = findConnectorType("webhook")->create({"own", *checked, parts_.http, parts_.clock});
    if (!made) return made.error();
    std::shared_ptr<Connector> connector = std::move(*made);
    std::lock_guard lock(mutex_);
    verifiers_[key] = {made_of, connector};
    return connector;
}

void TriggerDoor::takeWebhook(const TriggerPaths::Match& match, HttpRequest request,
                              http::Responder responder) {
    const TriggerPathRef& path = match.path;
    const auto connector = verifierOf(*path);
    if (!connector) {
        log::error(
            "trigger_webhook_not_ready",
            {{"workflow", path->workflow_name}, {"node", path->node}, {"error", connector.error().message}});
        return responder.reply(
            problem(503, "webhook_not_ready", "this webhook cannot verify its callers yet"));
    }
    auto received = read(match, *(*connector)->receiver(), request, parts_.clock.now());
    if (!received) return responder.reply(refusal(received.error()));
    // After the proof: whoever only knows the path cannot use up the sender's share.
    const double most = static_cast<double>(numberAt(path->params, "max_per_minute", 0));
    if (most > 0 && !mayTake("webhook " + std::to_string(path->workflow) + '/' + path->node, most)) {
        auto response = problem(
            429, "throttled",
            "this webhook takes " + std::to_string(std::llround(most)) + " calls a minute (max_per_minute)");
        response.headers.add("retry-after", std::to_string(std::llround(std::ceil(60 / most))));
        return responder.reply(std::move(response));
    }
    const auto account = accountOf(path->org);
    if (!account)
        return responder.reply(problem(503, "webhook_not_ready", "its organization is not connected yet"));
    if (!received->quarantine_reason.empty())
        log::warn("callback_quarantined", {{"workflow", path->workflow_name},
                                           {"node", path->node},
                                           {"reason", received->quarantine_reason}});
    const bool waits = textAt(path->params, "respond") == "workflow";
    parts_.ingest.accept(
        account, std::move(request), std::move(received->envelopes), std::move(received->quarantine_reason),
        [this, path, waits, responder = std::move(responder)](const Result<Ingested>& result) {
            if (!result) return responder.reply(comeAgain(result.error()));
            if (waits && result->first_offset != 0)
                return parts_.waiters.wait(result->first_offset, responder, timeoutOf(*path));
            responder.reply(answerAtOnce(path->params));
        });
}

Result<Received> TriggerDoor::read(const TriggerPaths::Match& match, Receiver& receiver,
                                   const HttpRequest& request, TimePoint received_at) {
    auto received = receiver.receive(request, received_at);
    if (!received) return received;
    const TriggerPath& path = *match.path;
    const Json endpoint = endpointOf(path, match.captures);
    for (Envelope& envelope : received->envelopes) {
        envelope.content["endpoint"] = endpoint;
        // Without an id of the sender's, equal bodies are different happenings.
        const bool is_told_apart =
            !envelope.external_id.empty() || memberAt(path.params, "dedup").is_object();
        envelope.dedup_key =
            is_told_apart ? std::to_string(path.workflow) + '/' + path.node + '/' + envelope.dedup_key : "";
    }
    return received;
}

AccountRef TriggerDoor::accountOf(Id org) {
    if (auto account = parts_.accounts.byName(org, kBuiltInWebhook)) return account;
    // The organization was made since the accounts were connected.
    if (const auto connected = parts_.connect(); !connected)
        log::error("accounts_not_connected", {{"error", connected.error().message}});
    return parts_.accounts.byName(org, kBuiltInWebhook);
}

Result<Ingested> TriggerDoor::replay(Id org, Id request, const HttpRequest& kept, TimePoint received_at) {
    std::string_view path = kept.path();
    TriggerPaths::Match match;
    if (path.starts_with(kWebhooks)) {
        path.remove_prefix(kWebhooks.size());
        match = paths()->find(false, kept.method, path);
    }
    const auto account = accountOf(org);
    if (!match.path || match.path->org != org || !account)
        return Error{
            ErrorKind::Conflict,
            "no published workflow has a trigger.webhook with this path and method any more; publish "
            "one, then replay again"};
    const auto connector = verifierOf(*match.path);
    if (!connector) return connector.error();
    auto received = read(match, *(*connector)->receiver(), kept, received_at);
    if (!received) return withContext("replay", received.error());
    std::promise<Result<Ingested>> promise;
    auto future = promise.get_future();
    parts_.ingest.acceptAgain(account, request, std::move(received->envelopes),
                              std::move(received->quarantine_reason),
                              [&](const Result<Ingested>& result) { promise.set_value(result); });
    return future.get();
}

// A bounded memory of who came lately.
bool TriggerDoor::mayTake(const std::string& what, double most) {
    constexpr std::size_t kMostKnown = 10'000;
    const TimePoint now = parts_.clock.now();
    std::lock_guard lock(mutex_);
    if (lately_.size() > kMostKnown) {
        // After a minute an allowance is whole again.
        std::erase_if(lately_, [&](const auto& one) { return one.second.at + 1min < now; });
        if (lately_.size() > kMostKnown) lately_.clear();
    }
    Allowance& allowance = lately_.try_emplace(what, Allowance{most, now}).first->second;
    const double minutes = std::chrono::duration<double, std::ratio<60>>(now - allowance.at).count();
    allowance.left = std::min(most, allowance.left + std::max(0.0, minutes) * most);
    allowance.at = now;
    if (allowance.left < 1) return false;
    allowance.left -= 1;
    return true;
}

}  // namespace signalbox

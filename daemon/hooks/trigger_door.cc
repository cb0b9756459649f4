#include "daemon/hooks/trigger_door.h"

#include <algorithm>

#include "base/log.h"
#include "daemon/hooks/form_page.h"
#include "hub/accounts/built_in.h"

namespace signalbox {
namespace {

using namespace std::chrono_literals;

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
    const bool is_form = path.starts_with("/forms/");
    path.remove_prefix(is_form ? 7 : 10);
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
    auto received = (*connector)->receiver()->receive(request, parts_.clock.now());
    if (!received) return responder.reply(refusal(received.error()));
    const Json endpoint = endpointOf(*path, match.captures);
    for (Envelope& envelope : received->envelopes) {
        envelope.content["endpoint"] = endpoint;
        // Without an id of the sender's, equal bodies are different happenings.
        const bool is_told_apart =
            !envelope.external_id.empty() || memberAt(path->params, "dedup").is_object();
        envelope.dedup_key =
            is_told_apart ? std::to_string(path->workflow) + '/' + path->node + '/' + envelope.dedup_key : "";
    }
    // An organization that was made since the daemon began has its account after the next reload.
    const auto account = parts_.accounts.byName(path->org, kBuiltInWebhook);
    if (!account)
        return responder.reply(problem(503, "webhook_not_ready", "reload the daemon for this organization"));
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

// A bounded memory of who came in the last minute.
bool TriggerDoor::mayTake(const std::string& what, std::size_t most) {
    constexpr std::size_t kMostKnown = 10'000;
    const TimePoint now = parts_.clock.now();
    std::lock_guard lock(mutex_);
    if (lately_.size() > kMostKnown) {
        std::erase_if(lately_, [&](const auto& one) { return one.second.back() + 1min < now; });
        if (lately_.size() > kMostKnown) lately_.clear();
    }
    auto& times = lately_[what];
    while (!times.empty() && times.front() + 1min < now) times.pop_front();
    if (times.size() >= most) return false;
    times.push_back(now);
    return true;
}

}  // namespace signalbox

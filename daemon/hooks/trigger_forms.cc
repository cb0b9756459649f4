// The forms of trigger.form: shown with a token and a cookie that belong together, taken once they come back
// together. So no other site can send one in a visitor's name, and a program has to look at the page first.
#include "base/crypto.h"
#include "base/log.h"
#include "daemon/api/cookies.h"
#include "daemon/hooks/form_page.h"
#include "daemon/hooks/trigger_door.h"

namespace signalbox {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kCookie = "signalbox_form";
constexpr std::chrono::hours kTokenLife = 12h;
constexpr std::size_t kMostOfAddress = 30, kMostOfForm = 300, kMaxForm = 256 * 1024;

SealedPlace placeOf(const TriggerPath& path) {
    return {path.org, "forms", path.workflow, "token"};
}

std::string fieldOf(const FormFields& fields, std::string_view name) {
    return std::string(findField(fields, name).value_or(""));
}

}  // namespace

std::string TriggerDoor::newToken(const TriggerPath& path, const std::string& cookie) const {
    const std::string text = std::to_string(toMicros(parts_.clock.now())) + ' ' + path.node + ' ' + cookie;
    return toBase64Url(parts_.vault.seal(placeOf(path), text));
}

bool TriggerDoor::isGenuine(const TriggerPath& path, const std::string& cookie,
                            const std::string& token) const {
    if (cookie.empty() || token.size() > 2'048) return false;
    const auto sealed = fromBase64(token);
    const auto text = sealed ? parts_.vault.unseal(placeOf(path), *sealed)
                             : Result<Secret>(Error{ErrorKind::Invalid, "no token"});
    if (!text) return false;
    const std::string& plain = text->reveal();
    const auto space = plain.find(' ');
    const auto made = fromMicros(std::strtoll(plain.c_str(), nullptr, 10));
    const auto now = parts_.clock.now();
    return space != std::string::npos && made <= now && made + kTokenLife > now &&
           equalInConstantTime(plain.substr(space + 1), path.node + ' ' + cookie);
}

void TriggerDoor::serveForm(const TriggerPathRef& path, const HttpRequest& request,
                            const http::Responder& responder) {
    if (request.method == "POST") return takeForm(path, request, responder);
    if (request.method != "GET" && request.method != "HEAD") {
        auto response = problem(405, "method_not_allowed", "a form takes GET and POST");
        response.headers.add("allow", "GET, POST");
        return responder.reply(std::move(response));
    }
    const std::string cookie = toBase64Url(randomBytes(18));
    auto response = formPage(path->params, newToken(*path, cookie), {}, "", 200);
    response.headers.add("set-cookie", std::string(kCookie) + '=' + cookie + "; Path=" + publicPath(*path) +
                                           "; HttpOnly; SameSite=Strict; Max-Age=43200");
    responder.reply(std::move(response));
}

void TriggerDoor::takeForm(const TriggerPathRef& path, const HttpRequest& request,
                           const http::Responder& responder) {
    const std::string form = std::to_string(path->workflow) + '/' + path->node;
    if (!mayTake(form + '@' + request.remote_address, kMostOfAddress) || !mayTake(form, kMostOfForm)) {
        auto response = messagePage(429, "Too many", "Too many forms were sent; try again in a minute.");
        response.headers.add("retry-after", "60");
        return responder.reply(std::move(response));
    }
    if (mediaType(request.headers.get("content-type")) != "application/x-www-form-urlencoded" ||
        request.body.size() > kMaxForm)
        return responder.reply(messagePage(415, "Not a form", "Send the form of this page."));
    const FormFields sent = parseForm(request.body);
    // Whoever fills in what nobody sees is told what a person would be told.
    if (!fieldOf(sent, kHoneypot).empty()) {
        log::info("form_of_a_program", {{"workflow", path->workflow_name}, {"node", path->node}});
        return responder.reply(thanksPage(path->params));
    }
    const FilledForm filled = readForm(path->params, sent);
    const std::string cookie = api::cookieOf(request, kCookie);
    if (!isGenuine(*path, cookie, fieldOf(sent, kFormToken))) {
        const std::string fresh = toBase64Url(randomBytes(18));
        auto response = formPage(path->params, newToken(*path, fresh), filled,
                                 "The page was open for too long. Please send it again.", 403);
        response.headers.add("set-cookie", std::string(kCookie) + '=' + fresh +
                                               "; Path=" + publicPath(*path) +
                                               "; HttpOnly; SameSite=Strict; Max-Age=43200");
        return responder.reply(std::move(response));
    }
    if (!filled.faults.empty())
        return responder.reply(formPage(path->params, newToken(*path, cookie), filled,
                                        "Please look at the marked fields.", 422));
    keepForm(path, filled.values, request.remote_address, responder);
}

void TriggerDoor::keepForm(const TriggerPathRef& path, const Json& values, const std::string& address,
                           const http::Responder& responder) {
    const std::string payload = dumpJson({{"path", publicPath(*path)},
                                          {"workflow", path->workflow_name},
                                          {"fields", values},
                                          {"remote_address", address},
                                          {"to", {{"workflow_id", path->workflow}, {"node", path->node}}}});
    const auto offset = std::make_shared<std::int64_t>(0);  // of the last time the write ran
    parts_.store.write(
        [this, path, payload, offset](Tx& tx) {
            *offset = parts_.log.append(tx, {path->org, "form.submitted", 0, 0, payload});
        },
        [this, path, offset, responder](const Status& written) {
            if (!written) {
                auto response = messagePage(503, "Not now", "It could not be kept. Please send it again.");
                response.headers.add("retry-after", "5");
                return responder.reply(std::move(response));
            }
            if (textAt(path->params, "respond") == "workflow")
                return parts_.waiters.wait(
                    *offset, responder,
                    std::chrono::seconds(numberAt(path->params, "respond_timeout_s", 10)));
            responder.reply(thanksPage(path->params));
        });
}

}  // namespace signalbox

#include "daemon/api/oauth_api.h"

#include "base/crypto.h"
#include "base/html_text.h"
#include "base/log.h"
#include "connectors/sdk/consent.h"
#include "daemon/api/link_page.h"
#include "daemon/api/system_api.h"
#include "hub/access/users.h"

namespace signalbox::api {
namespace {

using namespace std::chrono_literals;

constexpr auto kGoodFor = 10min;
constexpr std::size_t kMaxStarted = 1'000;

struct Started {
    Id account = 0;
    std::string code_verifier;
    TimePoint until{};
};

// What was started, by its state. Thread-safe.
class StartedConsents {
public:
    explicit StartedConsents(const Clock& clock) : clock_(clock) {}
    std::string add(Started started) {
        std::lock_guard lock(mutex_);
        std::erase_if(started_, [&](const auto& one) { return one.second.until < clock_.now(); });
        if (started_.size() >= kMaxStarted) started_.clear();
        std::string state = toBase64Url(randomBytes(24));
        started.until = clock_.now() + kGoodFor;
        started_.emplace(state, std::move(started));
        return state;
    }
    // The account it is for; 0: not started here, or too late.
    Id accountOf(const std::string& state) {
        std::lock_guard lock(mutex_);
        const auto found = started_.find(state);
        return found == started_.end() || found->second.until < clock_.now() ? 0 : found->second.account;
    }
    // Once only.
    std::optional<Started> take(const std::string& state) {
        std::lock_guard lock(mutex_);
        auto found = started_.extract(state);
        if (found.empty() || found.mapped().until < clock_.now()) return std::nullopt;
        return std::move(found.mapped());
    }

private:
    const Clock& clock_;
    std::mutex mutex_;
    std::map<std::string, Started> started_;
};

std::string callbackUrl(const std::string& public_url) {
    const bool has_slash = public_url.ends_with('/');
    return public_url + (has_slash ? "" : "/") + "api/v1/oauth/callback";
}

Consent* consentOf(const ConnectedRef& connected) {
    auto* const consent = connected ? dynamic_cast<Consent*>(connected->connector.get()) : nullptr;
    return consent != nullptr && consent->isConfigured() ? consent : nullptr;
}

HttpResponse postStart(Call& call, const OAuthParts& parts, StartedConsents& started,
                       const std::string& name) {
    const auto account = parts.accounts.byName(call.caller.org, name);
    const auto connected = account ? parts.connectors.byId(account->id) : nullptr;
    if (!connected) return notFound("account");
    if (account->owner != 0 && account->owner != call.caller.user)
        return problem(409, "account_owned", "a user connected this account for himself: the consent is his");
    Consent* consent = consentOf(connected);
    if (consent == nullptr)
        return problem(409, "account_without_oauth",
                       "this account is not configured for OAuth: set oauth.provider");
    if (parts.public_url.empty())
        return problem(
            409, "public_url_missing",
            "listen.public_url is not configured: the provider would not know where to send people back");
    const std::string verifier = toBase64Url(randomBytes(48));
    ConsentRequest request;
    request.redirect_uri = callbackUrl(parts.public_url);
    request.code_challenge = toBase64Url(hash(HashAlgorithm::Sha256, verifier));
    request.state = started.add({account->id, verifier, {}});
    return ok(
        {{"url", consent->authorizeUrl(request)}, {"expires_in_s", std::chrono::seconds(kGoodFor).count()}});
}

// A page for the person whose browser the provider sent back. Nothing of the request is repeated in it.
HttpResponse page(int status, const std::string& text) {
    return {status,
            {{"content-type", "text/html; charset=utf-8"},
             {"content-security-policy", "default-src 'none'; frame-ancestors 'none'"},
             {"referrer-policy", "no-referrer"},
             {"cache-control", "no-store"}},
            "<!doctype html><meta charset=\"utf-8\"><title>signalbox</title><p>" + text + "</p>"};
}

// A link to the provider's page can be sent to anybody: who consents is told whose mailbox his becomes,
// before anything happens.
std::optional<HttpResponse> askFirst(const Call& call, const OAuthParts& parts, StartedConsents& started) {
    const auto connected = parts.connectors.byId(started.accountOf(call.queryText("state")));
    if (!connected || connected->account->owner == 0 || call.queryText("code").empty()) return std::nullopt;
    const Account& account = *connected->account;
    std::optional<User> user;
    parts.store.read([&](Reader& reader) { user = findUser(reader, account.org, account.owner); });
    const std::string who = user ? user->name + " (" + user->email + ")" : "a user who is gone";
    return linkPage(200, "Connect a mailbox",
                    "<p>" + escapeHtml(who) + " asks to connect the mailbox " + escapeHtml(account.address) +
                        " to signalbox and will read and send its mail. Go on only if that is you.</p>"
                        "<form method=\"post\"><button>Connect</button></form>");
}

HttpResponse finishConsent(Call& call, const OAuthParts& parts, StartedConsents& started) {
    const auto known = started.take(call.queryText("state"));
    if (!known) return page(400, "This consent was not started here, or it took too long. Start it again.");
    const std::string code = call.queryText("code");
    if (code.empty()) return page(400, "The provider gave no consent. Nothing was changed.");
    const auto connected = parts.connectors.byId(known->account);
    Consent* consent = consentOf(connected);
    if (consent == nullptr) return page(409, "The account is no longer configured for this.");
    const auto accepted = consent->accept(code, known->code_verifier, callbackUrl(parts.public_url), {});
    if (!accepted) {
        log::warn("consent_failed",
                  {{"account", connected->account->name}, {"reason", accepted.error().message}});
        return page(502, "The provider did not give the tokens; the log says why. Start it again.");
    }
    const auto resumed =
        parts.store.writeAndWait([&](Tx& tx) { parts.outbox.resume(tx, *connected->account); });
    if (!resumed)
        log::warn("resume_failed",
                  {{"account", connected->account->name}, {"reason", resumed.error().message}});
    parts.polls.fetchNow(connected->account->id);
    log::info("consent_given", {{"account", connected->account->name}});
    return page(200, "The mailbox is connected. You may close this page.");
}

}  // namespace

void addOAuthRoutes(Router& router, const OAuthParts& parts) {
    const auto started = std::make_shared<StartedConsents>(parts.clock);  // shared by the two handlers
    router.add(
        {"POST", "/api/v1/oauth/{account}/start", "accounts:manage",
         [parts, started](Call& call) { return postStart(call, parts, *started, call.capture("account")); },
         true});
    router.add(visible({"POST", "/api/v1/me/accounts/{name}/consent", "accounts:own",
                        [parts, started](Call& call) {
                            return isOwn(call, parts.accounts)
                                       ? postStart(call, parts, *started, call.capture("name"))
                                       : notFound("account");
                        },
                        true}));
    router.add({"GET", "/api/v1/oauth/callback", std::string(kPublic), [parts, started](Call& call) {
                    auto question = askFirst(call, parts, *started);
                    return question ? *std::move(question) : finishConsent(call, parts, *started);
                }});
    Route confirm{"POST", "/api/v1/oauth/callback", std::string(kPublic),
                  [parts, started](Call& call) { return finishConsent(call, parts, *started); }};
    confirm.takes_raw_body = true;
    router.add(std::move(confirm));
}

}  // namespace signalbox::api

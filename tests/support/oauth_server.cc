#include "tests/support/oauth_server.h"

#include <httplib.h>

#include <chrono>
#include <map>
#include <mutex>
#include <set>
#include <thread>

#include "base/crypto.h"
#include "base/http_message.h"
#include "base/json.h"

namespace signalbox {
namespace {

using httplib::Request;
using httplib::Response;

struct Grant {
    std::string challenge;
    std::string redirect_uri;
};

}  // namespace

struct OAuthServer::State {
    State(std::string who, std::string redirect) : user(std::move(who)), redirect_uri(std::move(redirect)) {}

    // 400 with RFC 6749's words, and a line for the test.
    void refuse(Response& response, const std::string& error, const std::string& why) {
        complaints.push_back(why);
        response.status = 400;
        response.set_content(dumpJson({{"error", error}}), "application/json");
    }

    void authorize(const Request& request, Response& response) {
        std::lock_guard lock(mutex);
        const auto value = [&](const char* name) { return request.get_param_value(name); };
        if (value("response_type") != "code") return refuse(response, "invalid_request", "response_type");
        if (value("client_id") != kClientId) return refuse(response, "invalid_request", "client_id");
        if (value("redirect_uri") != redirect_uri)
            return refuse(response, "invalid_request", "redirect_uri " + value("redirect_uri"));
        if (value("scope") != kScope) return refuse(response, "invalid_scope", "scope");
        if (value("state").size() < 16) return refuse(response, "invalid_request", "state");
        if (value("code_challenge_method") != "S256" || value("code_challenge").size() != 43)
            return refuse(response, "invalid_request", "code_challenge");
        const std::string code = "code-" + std::to_string(++counter);
        grants[code] = {value("code_challenge"), value("redirect_uri")};
        response.status = 302;
        response.set_header("Location",
                            redirect_uri + "?" + formEncode({{"code", code}, {"state", value("state")}}));
    }

    void token(const Request& request, Response& response) {
        {
            std::lock_guard lock(mutex);
            if (++under_way > 1) complaints.push_back("two requests for tokens at once");
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(100));  // time for a second one to come
        std::lock_guard lock(mutex);
        --under_way;
        if (request.get_header_value("Content-Type") != "application/x-www-form-urlencoded")
            return refuse(response, "invalid_request", "content type of the token request");
        const FormFields fields = parseForm(request.body);
        const auto value = [&](const char* name) {
            return std::string(findField(fields, name).value_or(""));
        };
        if (value("client_id") != kClientId || value("client_secret") != kClientSecret)
            return refuse(response, "invalid_client", "the client's secret");
        if (value("grant_type") == "authorization_code")
            return redeem(value("code"), value("code_verifier"), value("redirect_uri"), response);
        if (value("grant_type") != "refresh_token")
            return refuse(response, "unsupported_grant_type", "grant_type");
        if (value("refresh_token").empty() || value("refresh_token") != refresh_token) {
            // A token that was used already: the family ends (RFC 9700, 4.14.2). After revoke() nobody errs.
            if (!refresh_token.empty()) complaints.push_back("an old refresh token");
            response.status = 400;
            response.set_content(R"({"error":"invalid_grant"})", "application/json");
            return;
        }
        ++refreshes;
        issue(response);
    }

    void redeem(const std::string& code, const std::string& verifier, const std::string& uri,
                Response& response) {
        const auto grant = grants.extract(code);
        if (grant.empty()) return refuse(response, "invalid_grant", "a code that is not known, or used");
        if (grant.mapped().redirect_uri != uri) return refuse(response, "invalid_grant", "redirect_uri");
        if (toBase64Url(hash(HashAlgorithm::Sha256, verifier)) != grant.mapped().challenge)
            return refuse(response, "invalid_grant", "the verifier does not fit the challenge");
        issue(response);
    }

    void issue(Response& response) {
        const std::string number = std::to_string(++counter);
        access_tokens.insert("access-" + number);
        refresh_token = "refresh-" + number;
        response.set_header("Cache-Control", "no-store");
        response.set_content(dumpJson({{"access_token", "access-" + number},
                                       {"refresh_token", refresh_token},
                                       {"expires_in", 3600},
                                       {"token_type", "Bearer"}}),
                             "application/json");
    }

    void tokenInfo(const Request& request, Response& response) {
        std::lock_guard lock(mutex);
        ++token_infos;
        if (!access_tokens.contains(request.get_param_value("access_token"))) {
            response.status = 401;
            response.set_content(R"({"error":"invalid_token"})", "application/json");
            return;
        }
        response.set_content(dumpJson({{"email", user}, {"expires_in", 3000}}), "application/json");
    }

    const std::string user, redirect_uri;
    mutable std::mutex mutex;
    std::map<std::string, Grant> grants;
    std::set<std::string> access_tokens;
    std::string refresh_token;
    int counter = 0, refreshes = 0, token_infos = 0, under_way = 0;
    std::vector<std::string> complaints;
    httplib::Server server;
    int port = 0;
    std::thread thread;
};

OAuthServer::OAuthServer(std::string user, std::string redirect_uri)
    : state_(std::make_unique<State>(std::move(user), std::move(redirect_uri))) {
    State& state = *state_;
    state.server.Get("/authorize", [&](const Request& in, Response& out) { state.authorize(in, out); });
    state.server.Post("/token", [&](const Request& in, Response& out) { state.token(in, out); });
    state.server.Get("/tokeninfo", [&](const Request& in, Response& out) { state.tokenInfo(in, out); });
    state.port = state.server.bind_to_any_port("127.0.0.1");
    state.thread = std::thread([&state] { state.server.listen_after_bind(); });
    while (!state.server.is_running()) std::this_thread::yield();
}

OAuthServer::~OAuthServer() {
    state_->server.stop();
    state_->thread.join();
}

std::string OAuthServer::authorizeUrl() const {
    return "http://127.0.0.1:" + std::to_string(state_->port) + "/authorize";
}
std::string OAuthServer::tokenUrl() const {
    return "http://127.0.0.1:" + std::to_string(state_->port) + "/token";
}
std::string OAuthServer::tokenInfoUrl() const {
    return "http://127.0.0.1:" + std::to_string(state_->port) + "/tokeninfo?access_token=";
}

std::string OAuthServer::consent(const std::string& url) {
    if (!url.starts_with(authorizeUrl() + "?")) return "";
    httplib::Client browser("127.0.0.1", state_->port);
    const auto answer = browser.Get(url.substr(authorizeUrl().size() - std::string("/authorize").size()));
    return answer && answer->status == 302 ? answer->get_header_value("Location") : "";
}

void OAuthServer::endAccessTokens() {
    std::lock_guard lock(state_->mutex);
    state_->access_tokens.clear();
}
void OAuthServer::revoke() {
    std::lock_guard lock(state_->mutex);
    state_->access_tokens.clear();
    state_->refresh_token.clear();
}
int OAuthServer::refreshes() const {
    std::lock_guard lock(state_->mutex);
    return state_->refreshes;
}
int OAuthServer::tokenInfos() const {
    std::lock_guard lock(state_->mutex);
    return state_->token_infos;
}
std::vector<std::string> OAuthServer::complaints() const {
    std::lock_guard lock(state_->mutex);
    return state_->complaints;
}

}  // namespace signalbox

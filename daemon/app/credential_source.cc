#include "daemon/app/credential_source.h"

#include "base/crypto.h"

namespace signalbox {
namespace {

using namespace std::chrono_literals;

// A token that runs out on its way is refused: it is got anew a little earlier.
constexpr std::chrono::seconds kEarlier = 30s, kUnknownLife = 5min;

Error wrongType(const Credential& credential, const char* wanted) {
    return {
        ErrorKind::Invalid,
        "credential \"" + credential.name + "\": is of type " + credential.type + "; this takes " + wanted,
        {},
        "credential_type"};
}

class OrganizationCredentials : public CredentialSource {
public:
    OrganizationCredentials(CredentialTokens& tokens, Id org) : tokens_(tokens), org_(org) {}

    Result<std::optional<Secret>> address(const std::string& name) override {
        if (const auto subscription = webhookOf(name)) {
            const auto target = targetOf(*subscription);
            if (!target) return target.error();
            return std::optional<Secret>(Secret(target->url));
        }
        const auto credential = tokens_.credentials().find(org_, name);
        if (!credential) return credential.error();
        if (credential->type != "url") return std::optional<Secret>();
        return std::optional<Secret>(Secret(credential->text("url")));
    }

    Result<std::vector<Secret>> authorize(const std::string& name, const Url& url, HttpRequest& request,
                                          const std::stop_token& stop) override {
        const auto credential = tokens_.credentials().find(org_, name);
        if (!credential) return credential.error();
        if (credential->type == "url" || credential->type == "signing")
            return wrongType(*credential, "bearer, basic, header, query or oauth2");
        if (auto may = credential->mayGoTo(url.is_tls, url.host, url.port); !may) return may.error();
        auto secrets = credential->secrets();
        if (credential->type == "oauth2") {
            auto token = tokens_.tokenFor(*credential, stop);
            if (!token) return token.error();
            request.headers.set("authorization", "Bearer " + token->reveal());
            secrets.push_back(std::move(*token));
        } else {
            add(*credential, request);
        }
        return secrets;
    }

    Result<std::vector<Secret>> signingKeys(const std::string& name, const Url& url) override {
        if (const auto subscription = webhookOf(name)) {
            const auto target = targetOf(*subscription);
            if (!target) return target.error();
            return target->keys;
        }
        const auto credential = tokens_.credentials().find(org_, name);
        if (!credential) return credential.error();
        if (credential->type != "signing") return wrongType(*credential, "signing");
        if (!credential->hosts.empty()) {
            if (auto may = credential->mayGoTo(url.is_tls, url.host, url.port); !may) return may.error();
        }
        return signalbox::signingKeys(*credential);
    }

    bool refused(const std::string& name) override { return tokens_.forget(org_, name); }

private:
    Result<Webhooks::Target> targetOf(Id subscription) const {
        if (tokens_.webhooks() != nullptr) return tokens_.webhooks()->target(org_, subscription);
        return Error{ErrorKind::NotFound, "no such webhook subscription", {}, "not_found"};
    }
    static void add(const Credential& credential, HttpRequest& request) {
        if (credential.type == "bearer") {
            request.headers.set("authorization", "Bearer " + credential.text("token"));
        } else if (credential.type == "basic") {
            request.headers.set("authorization", "Basic " + toBase64(credential.text("username") + ':' +
                                                                     credential.text("password")));
        } else if (credential.type == "header") {
            request.headers.set(credential.text("header"), credential.text("value"));
        } else {
            request.target += request.target.find('?') == std::string::npos ? '?' : '&';
            request.target += formEncode({{credential.text("parameter"), credential.text("value")}});
        }
    }

    CredentialTokens& tokens_;
    const Id org_;
};

}  // namespace

std::shared_ptr<CredentialSource> CredentialTokens::of(Id org) {
    return std::make_shared<OrganizationCredentials>(*this, org);
}

bool CredentialTokens::forget(Id org, const std::string& name) {
    std::lock_guard lock(mutex_);
    return tokens_.erase({org, name}) > 0;
}

Result<Secret> CredentialTokens::tokenFor(const Credential& credential, const std::stop_token& stop) {
    const std::pair key(credential.org, credential.name);
    {
        std::lock_guard lock(mutex_);
        const auto known = tokens_.find(key);
        if (known != tokens_.end() && known->second.revision == credential.revision &&
            known->second.until > clock_.now())
            return known->second.text;
    }
    auto token = fetch(credential, stop);
    if (!token) return withContext("credential \"" + credential.name + '"', token.error());
    std::lock_guard lock(mutex_);
    return (tokens_[key] = std::move(*token)).text;
}

Result<CredentialTokens::Token> CredentialTokens::fetch(const Credential& credential,
                                                        const std::stop_token& stop) const {
    HttpRequest request;
    request.method = "POST";
    request.target = credential.text("token_url");
    request.headers = {{"content-type", "application/x-www-form-urlencoded"}, {"accept", "application/json"}};
    FormFields form{{"grant_type", "client_credentials"}};
    for (const char* member : {"scope", "audience"}) {
        if (const std::string text = credential.text(member); !text.empty()) form.emplace_back(member, text);
    }
    const std::string id = credential.text("client_id"), secret = credential.text("client_secret");
    if (credential.text("send_in") == "body") {
        form.emplace_back("client_id", id);
        form.emplace_back("client_secret", secret);
    } else {
        // RFC 6749, 2.3.1: both are form-encoded first.
        request.headers.set("authorization",
                            "Basic " + toBase64(percentEncode(id) + ':' + percentEncode(secret)));
    }
    request.body = formEncode(form);
    const auto response = http_.send(request, {}, stop);
    // Asking for a token has no effect worth fearing twice.
    if (!response) return Error{ErrorKind::Unavailable, "token_url: " + response.error().message};
    if (response->status < 200 || response->status > 299) {
        Error error = errorFromStatus("token_url", *response);
        if (error.kind != ErrorKind::Throttled && error.kind != ErrorKind::Unavailable)
            error.kind = ErrorKind::Rejected;  // Unauthorized would stop the whole account
        return error;
    }
    const auto answer = parseJson(response->body);
    const std::string text = answer ? textAt(*answer, "access_token") : "";
    const bool is_clean = text.find_first_of("\r\n") == std::string::npos;
    if (text.empty() || !is_clean)
        return Error{ErrorKind::Rejected, "token_url: the answer holds no access_token"};
    const auto life = std::chrono::seconds(numberAt(*answer, "expires_in", kUnknownLife.count()));
    return Token{credential.revision, Secret(text), clock_.now() + life - std::min(kEarlier, life / 2)};
}

}  // namespace signalbox

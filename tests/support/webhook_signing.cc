#include "tests/support/webhook_signing.h"

#include <algorithm>
#include <functional>
#include <map>
#include <stdexcept>

#include "base/crypto.h"

namespace signalbox {
namespace {

void signMeta(HttpRequest& request, const Json& config) {
    const auto mac = hmac(HashAlgorithm::Sha256, textAt(config, "app_secret"), request.body);
    request.headers.set("X-Hub-Signature-256", "sha256=" + toHex(mac));
}

// The form's fields behind the URL that the account is configured with, and the query the request came with.
void signTwilio(HttpRequest& request, const Json& config) {
    std::string text = textAt(config, "public_url");
    if (!request.query().empty()) text.append("?").append(request.query());
    FormFields form = parseForm(request.body);
    std::sort(form.begin(), form.end());
    for (const auto& [name, value] : form) text += name + value;
    request.headers.set("X-Twilio-Signature",
                        toBase64(hmac(HashAlgorithm::Sha1, textAt(config, "auth_token"), text)));
}

void signGithub(HttpRequest& request, const Json& config) {
    const std::string secret = textAt(memberAt(config, "verifier"), "secret");
    request.headers.set("X-Hub-Signature-256",
                        "sha256=" + toHex(hmac(HashAlgorithm::Sha256, secret, request.body)));
}

void signNothing(HttpRequest&, const Json&) {}

}  // namespace

void signWebhook(const std::string& scheme, HttpRequest& request, const Json& config) {
    static const std::map<std::string, std::function<void(HttpRequest&, const Json&)>> schemes = {
        {"none", signNothing},
        {"meta", signMeta},
        {"twilio", signTwilio},
        {"github", signGithub},
    };
    const auto it = schemes.find(scheme);
    if (it == schemes.end())
        throw std::invalid_argument("webhook_signing.cc knows no scheme \"" + scheme + '"');
    it->second(request, config);
}

}  // namespace signalbox

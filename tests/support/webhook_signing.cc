#include "tests/support/webhook_signing.h"

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

void signNothing(HttpRequest&, const Json&) {}

}  // namespace

void signWebhook(const std::string& scheme, HttpRequest& request, const Json& config) {
    static const std::map<std::string, std::function<void(HttpRequest&, const Json&)>> schemes = {
        {"none", signNothing},
        {"meta", signMeta},
    };
    const auto it = schemes.find(scheme);
    if (it == schemes.end())
        throw std::invalid_argument("webhook_signing.cc knows no scheme \"" + scheme + '"');
    it->second(request, config);
}

}  // namespace signalbox

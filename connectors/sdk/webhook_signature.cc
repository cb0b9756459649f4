#include "connectors/sdk/webhook_signature.h"

#include "base/crypto.h"

namespace signalbox {

void signWebhook(HttpRequest& request, const std::string& id, TimePoint now, std::span<const Secret> keys) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
    const std::string timestamp = std::to_string(seconds);
    const std::string text = id + '.' + timestamp + '.' + request.body;
    std::string signatures;
    for (const Secret& key : keys) {
        signatures += signatures.empty() ? "v1," : " v1,";
        signatures += toBase64(hmac(HashAlgorithm::Sha256, key.reveal(), text));
    }
    request.headers.set("webhook-id", id);
    request.headers.set("webhook-timestamp", timestamp);
    request.headers.set("webhook-signature", signatures);
}

}  // namespace signalbox

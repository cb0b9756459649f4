#include "base/crypto.h"
#include "connectors/webhook/config.h"
#include "daemon/client/simulate.h"

namespace signalbox::client {
namespace {

struct Signing {
    const WebhookScene& scene;
    HttpRequest& request;

    std::string timestamp() const { return std::to_string(toMicros(scene.now) / 1'000'000); }

    Status operator()(const webhook::StandardWebhooks& verifier) const {
        if (verifier.keys.empty())
            return Error{ErrorKind::Invalid,
                         "only the sender has the private key of whpk_…; it cannot be simulated"};
        const std::string text = scene.delivery_id + '.' + timestamp() + '.' + request.body;
        request.headers.set("webhook-id", scene.delivery_id);
        request.headers.set("webhook-timestamp", timestamp());
        request.headers.set("webhook-signature",
                            "v1," + toBase64(hmac(HashAlgorithm::Sha256, verifier.keys[0].reveal(), text)));
        return Done{};
    }

    Status operator()(const webhook::Hmac& verifier) const {
        const std::string text = fill(verifier.signed_text);
        const std::string digest = hmac(verifier.algorithm, verifier.keys.at(0).reveal(), text);
        std::string signature = verifier.prefix + (verifier.is_base64 ? toBase64(digest) : toHex(digest));
        if (!verifier.timestamp_header.empty()) {
            const std::string time = verifier.timestamp_prefix + timestamp();
            // Some senders put both into one list: t=1700000000,v1=…
            if (equalsIgnoringCase(verifier.timestamp_header, verifier.header)) {
                signature = time + verifier.separator + signature;
            } else {
                request.headers.set(verifier.timestamp_header, time);
            }
        }
        request.headers.set(verifier.header, signature);
        if (!verifier.id_header.empty()) request.headers.set(verifier.id_header, scene.delivery_id);
        return Done{};
    }

    Status operator()(const webhook::FixedSecret& verifier) const {
        const std::string value = verifier.prefix + verifier.values.at(0).reveal();
        if (verifier.query.empty()) {
            request.headers.set(verifier.header, value);
        } else {
            request.target += '?' + formEncode({{verifier.query, value}});
        }
        return Done{};
    }

    Status operator()(const webhook::NoProof&) const { return Done{}; }

    // One pass, so that what is put in is not searched again.
    std::string fill(std::string_view text) const {
        std::string out;
        while (!text.empty()) {
            const auto replace = [&](std::string_view name, const std::string& value) {
                if (!text.starts_with(name)) return false;
                out += value;
                text.remove_prefix(name.size());
                return true;
            };
            if (replace("{body}", request.body) || replace("{ts}", timestamp()) ||
                replace("{id}", scene.delivery_id))
                continue;
            out += text.front();
            text.remove_prefix(1);
        }
        return out;
    }
};

}  // namespace

Result<HttpRequest> simulateWebhook(const WebhookScene& scene, const Json& verifier) {
    const auto proof = webhook::readVerifier(verifier);
    if (!proof) return proof.error();
    HttpRequest request{"POST", "/hooks/" + percentEncode(scene.account), scene.headers, scene.body};
    if (!request.headers.find("content-type")) request.headers.add("content-type", scene.content_type);
    if (const auto is_signed = std::visit(Signing{scene, request}, *proof); !is_signed)
        return is_signed.error();
    return request;
}

}  // namespace signalbox::client

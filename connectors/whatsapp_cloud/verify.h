// Who may speak to the webhook: the handshake with our word, and callbacks signed by the Meta app.
#pragma once

#include <vector>

#include "base/hmac_key.h"
#include "base/http_message.h"
#include "base/result.h"
#include "base/secret.h"

namespace signalbox::whatsapp_cloud {

// Thread-safe.
class Verifier {
public:
    Verifier(const std::vector<Secret>& app_secrets, Secret verify_token);

    // The GET by which Meta asks whether the URL is ours: the challenge goes back as it came. Forbidden when
    // mode or word are wrong.
    Result<HttpResponse> shakeHands(const HttpRequest& request) const;
    // X-Hub-Signature-256 over the raw body. Unauthorized when it is missing or wrong.
    Status checkSignature(const HttpRequest& request) const;

private:
    std::vector<HmacKey> keys_;
    Secret verify_token_;
};

}  // namespace signalbox::whatsapp_cloud

#include "connectors/whatsapp_cloud/verify.h"

#include "base/crypto.h"

namespace signalbox::whatsapp_cloud {
namespace {

constexpr std::string_view kAlgorithm = "sha256=";

Error unauthorized(const char* reason) {
    return {ErrorKind::Unauthorized, std::string("whatsapp callback: ") + reason, {}, "bad_signature"};
}

}  // namespace

Verifier::Verifier(const std::vector<Secret>& app_secrets, Secret verify_token)
    : verify_token_(std::move(verify_token)) {
    for (const auto& secret : app_secrets) keys_.emplace_back(HashAlgorithm::Sha256, secret.reveal());
}

Result<HttpResponse> Verifier::shakeHands(const HttpRequest& request) const {
    const auto fields = parseForm(request.query());
    const auto word = findField(fields, "hub.verify_token").value_or("");
    const bool is_ours =
        findField(fields, "hub.mode") == "subscribe" && equalInConstantTime(word, verify_token_.reveal());
    if (!is_ours)
        return Error{ErrorKind::Forbidden,
                     "whatsapp handshake: hub.mode or hub.verify_token is wrong",
                     {},
                     "bad_handshake"};
    const auto challenge = findField(fields, "hub.challenge").value_or("");
    return HttpResponse{200, {{"content-type", "text/plain"}}, std::string(challenge)};
}

Status Verifier::checkSignature(const HttpRequest& request) const {
    const auto header = request.headers.find("X-Hub-Signature-256");
    if (!header || !header->starts_with(kAlgorithm)) return unauthorized("no X-Hub-Signature-256");
    const auto claimed = header->substr(kAlgorithm.size());
    for (const auto& key : keys_) {
        if (equalInConstantTime(toHex(key.sign(request.body)), claimed)) return Done{};
    }
    return unauthorized("X-Hub-Signature-256 is not of this body and app_secret");
}

}  // namespace signalbox::whatsapp_cloud

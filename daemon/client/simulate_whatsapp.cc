#include <algorithm>

#include "base/crypto.h"
#include "daemon/client/simulate.h"

namespace signalbox::client {
namespace {

std::string unixSeconds(TimePoint time) {
    return std::to_string(toMicros(time) / 1'000'000);
}

// "+49 151 123" → "49151123", as WhatsApp writes numbers.
std::string digitsOf(const std::string& number) {
    std::string digits;
    std::copy_if(number.begin(), number.end(), std::back_inserter(digits),
                 [](char c) { return c >= '0' && c <= '9'; });
    return digits;
}

Json messageOf(const Scene& scene) {
    Json message = {{"from", digitsOf(scene.from)},
                    {"id", scene.message_id},
                    {"timestamp", unixSeconds(scene.now)},
                    {"type", scene.kind}};
    if (scene.kind == "text") {
        message["text"] = {{"body", scene.text}};
        return message;
    }
    const std::string sha256 = toBase64(hash(HashAlgorithm::Sha256, scene.media));
    message["image"] = {{"id", scene.media}, {"mime_type", "image/jpeg"}, {"sha256", sha256}};
    if (!scene.text.empty()) message["image"]["caption"] = scene.text;
    return message;
}

Json statusOf(const Scene& scene) {
    Json status = {{"id", scene.message_id},
                   {"status", scene.status},
                   {"timestamp", unixSeconds(scene.now)},
                   {"recipient_id", digitsOf(scene.from)}};
    if (scene.status == "failed") {
        status["errors"] = {{{"code", 131026},
                             {"title", "Message undeliverable"},
                             {"message", "Message undeliverable"},
                             {"error_data", {{"details", "Message Undeliverable."}}}}};
    }
    return status;
}

}  // namespace

HttpRequest simulateWhatsapp(const Scene& scene, const WhatsappSender& sender) {
    Json value = {
        {"messaging_product", "whatsapp"},
        {"metadata", {{"display_phone_number", "15550001111"}, {"phone_number_id", sender.phone_number_id}}}};
    if (scene.kind == "status") {
        value["statuses"] = {statusOf(scene)};
    } else {
        value["contacts"] = {{{"profile", {{"name", scene.name}}}, {"wa_id", digitsOf(scene.from)}}};
        value["messages"] = {messageOf(scene)};
    }
    const Json body = {
        {"object", "whatsapp_business_account"},
        {"entry", {{{"id", "100000000000000"}, {"changes", {{{"value", value}, {"field", "messages"}}}}}}}};
    HttpRequest request{"POST",
                        "/hooks/" + percentEncode(scene.account),
                        {{"content-type", "application/json"}},
                        dumpJson(body)};
    request.headers.add(
        "x-hub-signature-256",
        "sha256=" + toHex(hmac(HashAlgorithm::Sha256, sender.app_secret.reveal(), request.body)));
    return request;
}

}  // namespace signalbox::client

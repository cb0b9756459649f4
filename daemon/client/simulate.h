// Callbacks as providers send them, signed as they sign them. Pure: time and ids come in. The target of each
// request is the path of the account's door.
#pragma once

#include <string>

#include "base/clock.h"
#include "base/http_message.h"
#include "base/json.h"
#include "base/result.h"
#include "base/secret.h"

namespace signalbox::client {

// What happens, whoever the provider is.
struct Scene {
    std::string account;
    std::string kind;        // text, image, status
    std::string from;        // who writes; of a status: who got our message
    std::string name;        // as the provider shows the person
    std::string text;        // what they write; the caption of an image
    std::string message_id;  // the provider's id of this message; of a status: of ours
    std::string status;      // delivered, read …
    std::string media;       // id (WhatsApp) or URL (Twilio) of the image
    TimePoint now{};
};

struct WhatsappSender {
    Secret app_secret;
    std::string phone_number_id;
};
HttpRequest simulateWhatsapp(const Scene& scene, const WhatsappSender& sender);

struct TwilioSender {
    Secret auth_token;
    std::string account_sid, public_url;
    std::string to;  // our number
};
HttpRequest simulateTwilio(const Scene& scene, const TwilioSender& sender);

struct WebhookScene {
    std::string account;
    std::string body, content_type;
    std::string delivery_id;
    Headers headers;
    TimePoint now{};
};
// `verifier` as in the account's configuration (connectors/webhook). Invalid: it cannot be signed for.
Result<HttpRequest> simulateWebhook(const WebhookScene& scene, const Json& verifier);

}  // namespace signalbox::client

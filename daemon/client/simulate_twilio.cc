#include "connectors/twilio/signature.h"
#include "daemon/client/simulate.h"

namespace signalbox::client {
namespace {

void addMessage(FormFields& form, const Scene& scene) {
    form.insert(form.end(), {{"SmsSid", scene.message_id},
                             {"SmsMessageSid", scene.message_id},
                             {"SmsStatus", "received"},
                             {"Body", scene.text},
                             {"NumSegments", "1"},
                             {"NumMedia", scene.kind == "image" ? "1" : "0"}});
    if (scene.kind == "image") {
        form.emplace_back("MediaUrl0", scene.media);
        form.emplace_back("MediaContentType0", "image/jpeg");
    }
    if (scene.from.starts_with("whatsapp:+")) {
        form.emplace_back("WaId", scene.from.substr(10));
        form.emplace_back("ProfileName", scene.name);
    }
}

void addStatus(FormFields& form, const Scene& scene) {
    form.insert(form.end(),
                {{"SmsSid", scene.message_id}, {"SmsStatus", scene.status}, {"MessageStatus", scene.status}});
    if (scene.status == "failed" || scene.status == "undelivered") form.emplace_back("ErrorCode", "30005");
}

}  // namespace

HttpRequest simulateTwilio(const Scene& scene, const TwilioSender& sender) {
    const bool is_status = scene.kind == "status";
    FormFields form = {{"MessageSid", scene.message_id},
                       {"AccountSid", sender.account_sid},
                       {"From", is_status ? sender.to : scene.from},
                       {"To", is_status ? scene.from : sender.to},
                       {"ApiVersion", "2010-04-01"}};
    if (is_status) {
        addStatus(form, scene);
    } else {
        addMessage(form, scene);
    }
    return {
        "POST",
        "/hooks/" + percentEncode(scene.account),
        {{"content-type", "application/x-www-form-urlencoded"},
         {"x-twilio-signature", twilio::signatureOf(sender.auth_token.reveal(), sender.public_url, form)}},
        formEncode(form)};
}

}  // namespace signalbox::client

#include "base/json.h"
#include "connectors/sdk/url.h"
#include "connectors/twilio/render.h"

namespace signalbox::twilio {
namespace {

constexpr std::size_t kMaxTwiml = 4000;

Error invalid(std::string message) {
    return {ErrorKind::Invalid, "twilio call: " + std::move(message), {}, "unsupported"};
}

std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '&') {
            out += "&amp;";
        } else if (c == '<') {
            out += "&lt;";
        } else if (c == '>') {
            out += "&gt;";
        } else if (c == '"') {
            out += "&quot;";
        } else {
            out += c;
        }
    }
    return out;
}

}  // namespace

// https://www.twilio.com/docs/voice/api/call-resource#create-a-call-resource
Result<HttpRequest> renderCall(const OutboundMessage& message, const TwilioConfig& config) {
    const Json& content = message.content;
    if (message.to.kind != "phone") return invalid("only a phone number can be called");
    if (!config.from.starts_with('+'))
        return invalid("the account's `from` is no phone number; calls need an account whose from is one");
    FormFields form = {{"To", message.to.value}, {"From", config.from}};
    const std::string say = textAt(content, "say"), url = textAt(content, "answer_url");
    if (say.empty() == url.empty()) return invalid("say: give either say or answer_url");
    if (!url.empty()) {
        if (!parseUrl(url)) return invalid("answer_url: must be an http(s) address that Twilio can ask");
        form.emplace_back("Url", url);
    } else {
        const std::string language = textAt(content, "language");
        const std::string twiml = "<Response><Say" +
                                  (language.empty() ? "" : " language=\"" + escaped(language) + '"') + '>' +
                                  escaped(say) + "</Say></Response>";
        if (twiml.size() > kMaxTwiml) return invalid("say: too long; Twilio takes 4000 characters");
        form.emplace_back("Twiml", twiml);
    }
    if (const auto ring = numberAt(content, "ring_s"); ring > 0)
        form.emplace_back("Timeout", std::to_string(ring));
    if (flagAt(content, "record")) form.emplace_back("Record", "true");
    HttpRequest request{"POST", accountUrl(config) + "/Calls.json"};
    request.headers = {{"authorization", basicAuthorization(config)},
                       {"content-type", "application/x-www-form-urlencoded"},
                       {"accept", "application/json"}};
    request.body = formEncode(form);
    return request;
}

}  // namespace signalbox::twilio

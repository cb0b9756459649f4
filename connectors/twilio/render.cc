#include "connectors/twilio/render.h"

#include <algorithm>

#include "base/json.h"
#include "connectors/twilio/delivery_status.h"
#include "connectors/twilio/error_codes.h"

namespace signalbox::twilio {
namespace {

using namespace std::chrono_literals;

constexpr std::ptrdiff_t kMaxText = 1600;  // characters
constexpr std::size_t kMaxMedia = 10;
// A minute less than WhatsApp's 24 hours: the clocks differ, and so do the moments of receiving.
constexpr auto kWindow = 24h - 1min;

Error invalid(std::string message) {
    return {ErrorKind::Invalid, "twilio message: " + std::move(message), {}, "unsupported"};
}

std::ptrdiff_t characters(std::string_view utf8) {
    return std::count_if(utf8.begin(), utf8.end(),
                         [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; });
}

// content.channel wins; a user id exists on WhatsApp only; else the account's sender decides.
std::string channelOf(const OutboundMessage& message, const TwilioConfig& config) {
    if (auto channel = textAt(message.content, "channel"); !channel.empty()) return channel;
    return message.to.kind == "wa_user_id" ? "whatsapp" : config.channel;
}

Status checkWindow(const OutboundMessage& message, TimePoint now) {
    if (message.type == "template") return Done{};
    if (message.last_inbound_at && now - *message.last_inbound_at < kWindow) return Done{};
    return Error{
        ErrorKind::Rejected, "twilio message: " + describe(kOutsideWindow), {}, std::string(kOutsideWindow)};
}

// {"1": "Ann", "2": "3 pm"} from content.variables, or from the body parameters of content.components, which
// is how WhatsApp's own API numbers them.
Json contentVariables(const Json& content) {
    Json out = Json::object();
    for (const auto& [name, value] : memberAt(content, "variables").items()) {
        out[name] = value.is_string() ? value.get<std::string>() : dumpJson(value);
    }
    if (!out.empty()) return out;
    for (const auto& component : memberAt(content, "components")) {
        if (textAt(component, "type") != "body") continue;
        for (const auto& parameter : memberAt(component, "parameters"))
            out[std::to_string(out.size() + 1)] = textAt(parameter, "text");
    }
    return out;
}

Status addTemplate(FormFields& form, const Json& content) {
    const std::string sid = textAt(content, "content_sid", textAt(content, "name"));
    if (!sid.starts_with("HX"))
        return invalid(
            "a template needs content.content_sid, the HX… id from Twilio's Content Template Builder");
    form.emplace_back("ContentSid", sid);
    if (const Json variables = contentVariables(content); !variables.empty())
        form.emplace_back("ContentVariables", dumpJson(variables));
    return Done{};
}

Status addMedia(FormFields& form, const OutboundMessage& message) {
    if (message.attachments.size() > kMaxMedia)
        return invalid("more than " + std::to_string(kMaxMedia) + " attachments");
    for (const auto& attachment : message.attachments) {
        if (!parseUrl(attachment.url))
            return invalid("an attachment needs an http(s) URL that Twilio can fetch it from");
        form.emplace_back("MediaUrl", attachment.url);
    }
    return Done{};
}

std::string bodyOf(const OutboundMessage& message) {
    if (!message.text.empty() || message.attachments.empty()) return message.text;
    return message.attachments.front().caption;
}

Status addContent(FormFields& form, const OutboundMessage& message) {
    if (message.type == "template") return addTemplate(form, message.content);
    const auto& types = {"text", "image", "video", "audio", "document"};
    if (std::find(types.begin(), types.end(), message.type) == types.end())
        return invalid("type " + message.type + " is not sent; buttons and lists are templates at Twilio");
    const std::string body = bodyOf(message);
    if (body.empty() && message.attachments.empty()) return invalid("neither text nor attachment");
    if (characters(body) > kMaxText)
        return invalid("the text has " + std::to_string(characters(body)) + " characters, 1600 are possible");
    if (!body.empty()) form.emplace_back("Body", body);
    return addMedia(form, message);
}

std::string statusCallback(const OutboundMessage& message, const TwilioConfig& config) {
    if (config.status_callback.empty() || message.id == 0) return config.status_callback;
    return withParameter(config.status_callback, kReferenceParameter, idText(kMessageId, message.id));
}

// The number with the channel's prefix, as Twilio addresses it.
Result<std::string> addressOf(const Identity& to, const std::string& channel) {
    if (to.value.empty()) return invalid("no recipient");
    if (to.kind != "phone" && to.kind != "wa_user_id" && to.kind != "external")
        return invalid("a recipient of kind " + to.kind + " cannot be reached by " + channel);
    const bool has_prefix = to.value.find(':') != std::string::npos;
    return (channel == "whatsapp" && !has_prefix ? "whatsapp:" : "") + to.value;
}

}  // namespace

Result<HttpRequest> render(const OutboundMessage& message, const TwilioConfig& config, TimePoint now) {
    const std::string channel = channelOf(message, config);
    if (channel == "whatsapp") {
        if (auto open = checkWindow(message, now); !open) return open.error();
    }
    auto to = addressOf(message.to, channel);
    if (!to) return to.error();
    FormFields form = {{"To", *to}};
    const bool is_service = config.from.starts_with("MG");
    form.emplace_back(is_service ? "MessagingServiceSid" : "From", config.from);
    if (auto added = addContent(form, message); !added) return added.error();
    if (auto callback = statusCallback(message, config); !callback.empty())
        form.emplace_back("StatusCallback", callback);
    HttpRequest request{"POST", accountUrl(config) + "/Messages.json"};
    request.headers = {{"authorization", basicAuthorization(config)},
                       {"content-type", "application/x-www-form-urlencoded"},
                       {"accept", "application/json"}};
    request.body = formEncode(form);
    return request;
}

}  // namespace signalbox::twilio

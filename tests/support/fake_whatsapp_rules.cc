#include "tests/support/fake_whatsapp_rules.h"

#include <algorithm>
#include <set>

namespace signalbox {
namespace {

using Fault = std::optional<MetaFault>;

constexpr std::size_t kMaxText = 4096;

Fault missing(const std::string& what) {
    return MetaFault{400, 131008, "(#131008) Required parameter is missing: " + what};
}
Fault wrong(const std::string& what) {
    return MetaFault{400, 100, "(#100) Invalid parameter: " + what};
}

bool hasText(const Json& object, const char* key) {
    return !textAt(object, key).empty();
}

Fault faultOfText(const Json& text) {
    if (!hasText(text, "body")) return missing("text.body");
    return textAt(text, "body").size() > kMaxText * 4 ? wrong("text.body is too long") : std::nullopt;
}

Fault faultOfMedia(const std::string& type, const Json& media) {
    if (hasText(media, "id") == hasText(media, "link"))
        return wrong(type + " needs exactly one of id and link");
    const bool has_caption = type != "audio" && type != "sticker";
    if (media.contains("caption") && !has_caption) return wrong(type + ".caption");
    if (media.contains("filename") && type != "document") return wrong(type + ".filename");
    return std::nullopt;
}

Fault faultOfTemplate(const Json& content) {
    if (!hasText(content, "name")) return missing("template.name");
    if (!hasText(memberAt(content, "language"), "code")) return missing("template.language.code");
    for (const Json& component : memberAt(content, "components")) {
        if (component.contains("index") && !component["index"].is_string())
            return wrong("index must be a string");
    }
    return std::nullopt;
}

Fault faultOfInteractive(const Json& content) {
    const std::set<std::string> types = {
        "button", "list", "cta_url", "flow", "location_request_message", "product", "product_list"};
    if (!types.contains(textAt(content, "type"))) return wrong("interactive.type");
    if (!memberAt(content, "action").is_object()) return missing("interactive.action");
    if (!hasText(memberAt(content, "body"), "text")) return missing("interactive.body.text");
    return memberAt(content["action"], "buttons").size() > 3 ? wrong("too many buttons") : std::nullopt;
}

Fault faultOfContent(const std::string& type, const Json& content) {
    const std::set<std::string> media = {"image", "video", "audio", "document", "sticker"};
    if (media.contains(type)) return faultOfMedia(type, content);
    if (type == "text") return faultOfText(content);
    if (type == "template") return faultOfTemplate(content);
    if (type == "interactive") return faultOfInteractive(content);
    if (type == "reaction")
        return hasText(content, "message_id") ? std::nullopt : missing("reaction.message_id");
    if (type == "location")
        return memberAt(content, "latitude").is_number() ? std::nullopt : missing("location.latitude");
    if (type == "contacts") return content.is_array() ? std::nullopt : wrong("contacts");
    return wrong("type");
}

bool isPhone(const std::string& text) {
    return !text.empty() &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

Fault faultOfAddress(const Json& body) {
    if (body.contains("to") == body.contains("recipient")) return wrong("exactly one of to and recipient");
    const std::string kind = textAt(body, "recipient_type", "individual");
    if (kind != "individual" && kind != "group") return wrong("recipient_type");
    if (body.contains("to") && kind == "individual" && !isPhone(textAt(body, "to"))) return wrong("to");
    return std::nullopt;
}

}  // namespace

Fault faultOf(const Json& body) {
    if (!body.is_object()) return wrong("body");
    if (textAt(body, "messaging_product") != "whatsapp") return wrong("messaging_product");
    if (body.contains("status"))
        return textAt(body, "status") == "read" && hasText(body, "message_id") ? std::nullopt
                                                                               : missing("message_id");
    const std::string type = textAt(body, "type");
    const std::set<std::string> known = {
        "messaging_product", "recipient_type",           "to", "recipient", "type",
        "context",           "biz_opaque_callback_data", type};
    for (const auto& [key, value] : body.items()) {
        if (!known.contains(key)) return wrong(key);
    }
    if (auto fault = faultOfAddress(body)) return fault;
    if (!memberAt(body, type).is_structured()) return missing(type);
    return faultOfContent(type, body[type]);
}

HttpResponse metaError(const MetaFault& fault) {
    const Json body = {{"error",
                        {{"message", fault.message},
                         {"type", "OAuthException"},
                         {"code", fault.code},
                         {"error_data", {{"messaging_product", "whatsapp"}, {"details", fault.message}}},
                         {"fbtrace_id", "FakeTrace"}}}};
    return jsonResponse(fault.status, dumpJson(body));
}

}  // namespace signalbox

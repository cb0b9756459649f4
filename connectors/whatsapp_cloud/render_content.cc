// The part of the body that is named like the type, within the limits that WhatsApp documents.
#include <algorithm>
#include <iterator>

#include "connectors/whatsapp_cloud/render.h"

namespace signalbox::whatsapp_cloud {
namespace {

constexpr std::size_t kMaxText = 4096;
constexpr std::size_t kMaxCaption = 1024;
constexpr std::size_t kMaxButtons = 3;
constexpr std::size_t kMaxRows = 10;

Error invalid(const std::string& message) {
    return {ErrorKind::Invalid, "whatsapp send: " + message, {}, "bad_message"};
}

// In characters: bytes that begin one.
std::size_t lengthOf(std::string_view utf8) {
    return static_cast<std::size_t>(std::count_if(
        utf8.begin(), utf8.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

Result<Json> renderText(const OutboundMessage& message) {
    if (message.text.empty()) return invalid("text: empty");
    if (lengthOf(message.text) > kMaxText) return invalid("text: longer than 4096 characters");
    return Json{{"body", message.text}, {"preview_url", flagAt(message.content, "preview_url")}};
}

Result<Json> renderMedia(const OutboundMessage& message) {
    if (message.attachments.size() != 1) return invalid(message.type + ": needs exactly one attachment");
    const Attachment& file = message.attachments.front();
    if (file.media_id.empty() && file.url.empty())
        return invalid(message.type + ": the attachment needs media_id or url");
    Json out = file.media_id.empty() ? Json{{"link", file.url}} : Json{{"id", file.media_id}};
    const std::string& caption = file.caption.empty() ? message.text : file.caption;
    const bool has_caption = message.type != "audio" && message.type != "sticker";
    if (!caption.empty() && !has_caption)
        return invalid(message.type + ": carries no caption; send the text as a message of its own");
    if (lengthOf(caption) > kMaxCaption) return invalid("caption: longer than 1024 characters");
    if (!caption.empty()) out["caption"] = caption;
    if (message.type == "document" && !file.filename.empty()) out["filename"] = file.filename;
    return out;
}

Result<Json> renderTemplate(const OutboundMessage& message) {
    const Json& content = message.content;
    const Json& language = memberAt(content, "language");
    const std::string code = language.is_object() ? textAt(language, "code") : textAt(content, "language");
    if (textAt(content, "name").empty() || code.empty())
        return invalid("template: needs content.name and content.language");
    Json out = {{"name", content["name"]}, {"language", {{"policy", "deterministic"}, {"code", code}}}};
    if (!content.contains("components")) return out;
    if (!content["components"].is_array()) return invalid("template: content.components must be a list");
    out["components"] = content["components"];
    for (Json& component : out["components"]) {
        // Meta wants the number of a button as text.
        if (memberAt(component, "index").is_number_integer())
            component["index"] = dumpJson(component["index"]);
    }
    return out;
}

std::size_t countRows(const Json& action) {
    std::size_t rows = 0;
    for (const Json& section : memberAt(action, "sections")) rows += memberAt(section, "rows").size();
    return rows;
}

// Provider-shaped: content holds type, action and, where wanted, header, body and footer; message.text is the
// body when content has none.
Result<Json> renderInteractive(const OutboundMessage& message) {
    Json out = Json::object();
    for (const char* part : {"type", "header", "body", "footer", "action"}) {
        if (!memberAt(message.content, part).is_null()) out[part] = message.content[part];
    }
    if (!out.contains("body") && !message.text.empty()) out["body"] = {{"text", message.text}};
    const std::string type = textAt(out, "type");
    const Json& action = memberAt(out, "action");
    if (type.empty() || !action.is_object())
        return invalid("interactive: needs content.type and content.action");
    const std::size_t buttons = memberAt(action, "buttons").size();
    if (type == "button" && (buttons == 0 || buttons > kMaxButtons))
        return invalid("interactive: 1 to 3 buttons");
    const std::size_t rows = countRows(action);
    if (type == "list" && (rows == 0 || rows > kMaxRows))
        return invalid("interactive: 1 to 10 rows in all sections");
    return out;
}

Result<Json> renderReaction(const OutboundMessage& message) {
    if (message.in_reply_to.empty()) return invalid("reaction: needs the id of the message it is about");
    return Json{{"message_id", message.in_reply_to}, {"emoji", message.text}};  // empty takes it back
}

// `content` as it came in with a location of theirs ({location: {…}}), or the coordinates themselves.
Result<Json> renderLocation(const OutboundMessage& message) {
    const Json& nested = memberAt(message.content, "location");
    const Json& location = nested.is_object() ? nested : message.content;
    if (!memberAt(location, "latitude").is_number() || !memberAt(location, "longitude").is_number())
        return invalid("location: needs content.latitude and content.longitude");
    Json out = Json::object();
    for (const char* part : {"latitude", "longitude", "name", "address"}) {
        if (!memberAt(location, part).is_null()) out[part] = location[part];
    }
    return out;
}

Result<Json> renderContacts(const OutboundMessage& message) {
    const Json& contacts = memberAt(message.content, "contacts");
    if (!contacts.is_array() || contacts.empty())
        return invalid("contacts: needs a list in content.contacts");
    return contacts;
}

struct Renderer {
    std::string_view type;
    Result<Json> (*render)(const OutboundMessage&);
};

constexpr Renderer kRenderers[] = {
    {"text", renderText},         {"image", renderMedia},
    {"video", renderMedia},       {"audio", renderMedia},
    {"document", renderMedia},    {"sticker", renderMedia},
    {"template", renderTemplate}, {"interactive", renderInteractive},
    {"reaction", renderReaction}, {"location", renderLocation},
    {"contacts", renderContacts},
};

}  // namespace

Result<Json> renderContent(const OutboundMessage& message) {
    const auto* renderer = std::find_if(std::begin(kRenderers), std::end(kRenderers),
                                        [&](const Renderer& known) { return known.type == message.type; });
    if (renderer == std::end(kRenderers)) return invalid("WhatsApp has no messages of type " + message.type);
    auto content = renderer->render(message);
    if (!content) return content.error();
    return Json{{message.type, std::move(*content)}};
}

}  // namespace signalbox::whatsapp_cloud

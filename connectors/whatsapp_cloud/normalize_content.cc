// The content of a message by its type. The part is an object named like the type.
#include <algorithm>
#include <iterator>

#include "base/crypto.h"
#include "connectors/whatsapp_cloud/elements.h"
#include "connectors/whatsapp_cloud/errors.h"

namespace signalbox::whatsapp_cloud {
namespace {

// Meta writes base64; what does not decode to a digest is of no use for checking.
std::string hexDigest(const std::string& base64) {
    const auto bytes = fromBase64(base64);
    return bytes && bytes->size() == 32 ? toHex(*bytes) : std::string();
}

// A number as a person would write it: 37.4611978, 30, 12.5.
std::string numberText(const Json& number) {
    return number.is_number()   ? dumpJson(number)
           : number.is_string() ? number.get<std::string>()
                                : std::string();
}

bool readText(Envelope& envelope, const std::string&, Json& body) {
    envelope.text = takeText(body, "body");
    return true;
}

bool readMedia(Envelope& envelope, const std::string& type, Json& body) {
    Attachment file;
    file.kind = type;
    file.media_id = takeText(body, "id");
    file.url = takeText(body, "url");
    file.mime = takeText(body, "mime_type");
    file.filename = takeText(body, "filename");
    file.caption = takeText(body, "caption");
    file.sha256 = hexDigest(textAt(body, "sha256"));
    file.is_voice = flagAt(body, "voice");
    if (flagAt(body, "animated")) envelope.content["animated"] = true;
    envelope.text = file.caption;
    if (file.media_id.empty() && file.url.empty()) return false;
    envelope.attachments.push_back(std::move(file));
    return true;
}

bool readLocation(Envelope& envelope, const std::string&, Json& body) {
    const std::string name = textAt(body, "name"), address = textAt(body, "address");
    envelope.text = name + (name.empty() || address.empty() ? "" : ", ") + address;
    if (envelope.text.empty())
        envelope.text =
            numberText(memberAt(body, "latitude")) + ", " + numberText(memberAt(body, "longitude"));
    envelope.content["location"] = std::move(body);
    return true;
}

bool readContacts(Envelope& envelope, const std::string&, Json& body) {
    if (!body.is_array()) return false;
    for (const Json& contact : body) {
        const std::string name = textAt(memberAt(contact, "name"), "formatted_name");
        if (!name.empty()) envelope.text += (envelope.text.empty() ? "" : ", ") + name;
    }
    envelope.content["contacts"] = std::move(body);
    return true;
}

bool readOrder(Envelope& envelope, const std::string&, Json& body) {
    envelope.text = textAt(body, "text");
    if (envelope.text.empty()) {
        for (const Json& item : memberAt(body, "product_items")) {
            envelope.text += (envelope.text.empty() ? "" : ", ") + numberText(memberAt(item, "quantity")) +
                             " × " + textAt(item, "product_retailer_id");
        }
    }
    envelope.content["order"] = std::move(body);
    return true;
}

// A button of a template.
bool readButton(Envelope& envelope, const std::string&, Json& body) {
    envelope.type = "choice";
    envelope.text = takeText(body, "text");
    envelope.content["choice"] = {
        {"kind", "button"}, {"id", takeText(body, "payload")}, {"title", envelope.text}};
    return true;
}

// A form's answers come as JSON in a string; what is no JSON is kept as that string.
void readFlow(Envelope& envelope, Json& body) {
    envelope.type = "flow";
    envelope.text = takeText(body, "body");
    std::string text = takeText(body, "response_json");
    Json flow = {{"name", takeText(body, "name")}};
    auto response = parseJson(text);
    if (response) flow["response"] = std::move(*response);
    if (!response) flow["response_text"] = std::move(text);
    envelope.content["flow"] = std::move(flow);
}

// The answer to a message with buttons, a list or a form.
bool readInteractive(Envelope& envelope, const std::string&, Json& body) {
    const std::string kind = textAt(body, "type");
    Json* answer = find(body, kind);
    if (answer == nullptr) return false;
    if (kind == "nfm_reply") {
        readFlow(envelope, *answer);
        return true;
    }
    if (kind != "button_reply" && kind != "list_reply") {
        envelope.text = textAt(*answer, "title");
        envelope.content["interactive"] = std::move(body);
        return true;
    }
    envelope.type = "choice";
    envelope.text = takeText(*answer, "title");
    Json choice = {{"kind", kind}, {"id", takeText(*answer, "id")}, {"title", envelope.text}};
    std::string description = takeText(*answer, "description");
    if (!description.empty()) choice["description"] = std::move(description);
    envelope.content["choice"] = std::move(choice);
    return true;
}

struct ContentReader {
    std::string_view type;
    bool (*read)(Envelope&, const std::string&, Json&);
};

constexpr ContentReader kReaders[] = {
    {"text", readText},
    {"image", readMedia},
    {"video", readMedia},
    {"audio", readMedia},
    {"document", readMedia},
    {"sticker", readMedia},
    {"location", readLocation},
    {"contacts", readContacts},
    {"order", readOrder},
    {"button", readButton},
    {"interactive", readInteractive},
};

}  // namespace

bool readContent(Envelope& envelope, const std::string& type, Json& message) {
    const auto* reader = std::find_if(std::begin(kReaders), std::end(kReaders),
                                      [&](const ContentReader& known) { return known.type == type; });
    Json* body = find(message, type);
    if (reader == std::end(kReaders) || body == nullptr || !body->is_structured()) return false;
    envelope.type = type;
    return reader->read(envelope, type, *body);
}

// Something a person sent, which the team must see though nobody can show it. What only changes another
// message, or comes from WhatsApp itself, is no message; and one that names nobody belongs to no
// conversation.
EnvelopeKind kindOfUnsupported(const Envelope& envelope, const std::string& type) {
    const bool is_about_another =
        type == "reaction" || type == "edit" || type == "revoke" || type == "system";
    return is_about_another || envelope.from.identities.empty() ? EnvelopeKind::Notice
                                                                : EnvelopeKind::Message;
}

void readUnsupported(Envelope& envelope, const std::string& type, Json& message, const Json& errors) {
    envelope.kind = kindOfUnsupported(envelope, type);
    envelope.type = "unsupported";
    envelope.attachments.clear();
    envelope.target.clear();
    Json own = take(message, "errors");
    if (!own.is_array()) own = errors;
    std::string said = textAt(memberAt(message, "text"), "body");
    if (!said.empty()) envelope.text = std::move(said);  // else a caption that was read already
    if (own.is_array() && !own.empty()) {
        if (envelope.text.empty()) envelope.text = describe(own[0]);
        envelope.content["errors"] = std::move(own);
    }
    envelope.content["message_type"] = type;
    std::string what = textAt(memberAt(message, "unsupported"), "type");
    if (!what.empty()) envelope.content["unsupported_type"] = std::move(what);
    Json body = take(message, type);
    if (!body.is_null() && type != "unsupported") envelope.content["body"] = std::move(body);
}

}  // namespace signalbox::whatsapp_cloud

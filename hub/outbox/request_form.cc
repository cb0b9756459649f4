#include "hub/outbox/request_form.h"

#include <algorithm>
#include <array>

#include "hub/outbox/mail_fields.h"

namespace signalbox {
namespace {

constexpr std::size_t kMaxText = 64 * 1024;
constexpr std::size_t kMaxMailText = 1024 * 1024;
constexpr std::size_t kMaxWord = 2'048;
constexpr std::size_t kSha256Digits = 64;
constexpr std::size_t kMaxContent = 256 * 1024;
constexpr std::size_t kMaxAttachments = 32;
constexpr std::int64_t kMaxExpirySeconds = 7 * 86'400;

constexpr std::array kFields = {
    "account",     "channel",     "conversation_id", "to",           "kind",     "type",     "text",
    "template",    "content",     "interactive",     "http",         "location", "contacts", "reply_to",
    "attachments", "in_reply_to", "client_token",    "expires_in_s", "subject",  "html",     "cc",
    "bcc",         "reply_all",   "request_receipt"};
constexpr std::array kTypes = {"text",     "image",     "video",    "audio",    "document",
                               "sticker",  "location",  "contacts", "template", "interactive",
                               "reaction", "mark_read", "http",     "email",    "call"};
constexpr std::array kMediaTypes = {"image", "video", "audio", "document", "sticker"};
constexpr std::array kAttachmentFields = {"kind",     "media_id", "url",    "mime",
                                          "filename", "caption",  "sha256", "is_voice"};
constexpr std::array kIdentityKinds = {"phone",      "email",       "wa_user_id",
                                       "slack_user", "webchat_key", "external"};

template <std::size_t n>
bool isOneOf(const std::array<const char*, n>& words, std::string_view word) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

Error fault(std::string_view field, std::string_view what) {
    return {ErrorKind::Invalid, std::string(field) + ": " + std::string(what), {}, "invalid_request"};
}

template <std::size_t n>
Status checkFields(const Json& object, const std::array<const char*, n>& known, const std::string& prefix) {
    for (const auto& [name, value] : object.items()) {
        if (!isOneOf(known, name)) return fault(prefix + name, "unknown field");
    }
    return Done{};
}

// A database's text column takes no NUL; nothing that people write holds one.
Result<std::string> readText(const Json& object, const std::string& name, const std::string& prefix = "",
                             std::size_t longest = kMaxWord) {
    const Json& value = memberAt(object, name);
    if (value.is_null()) return std::string();
    if (!value.is_string()) return fault(prefix + name, "must be a text");
    const auto& text = value.get_ref<const std::string&>();
    if (text.size() > longest)
        return fault(prefix + name, "longer than " + std::to_string(longest) + " bytes");
    if (text.find('\0') != std::string::npos) return fault(prefix + name, "must not hold a NUL character");
    return text;
}

Status read(std::string& out, const Json& request, const char* name, std::size_t longest = kMaxWord) {
    auto text = readText(request, name, "", longest);
    if (!text) return text.error();
    out = std::move(*text);
    return Done{};
}

Result<std::optional<Id>> readId(const Json& request, const char* name, std::string_view prefix) {
    const auto text = readText(request, name);
    if (!text) return text.error();
    if (text->empty()) return std::optional<Id>();
    const auto id = parseId(prefix, *text);
    if (!id) return fault(name, "must be an id like " + idText(prefix, 1));
    return id;
}

Status readTo(RequestForm& form, const Json& request) {
    const Json& to = memberAt(request, "to");
    if (to.is_array() || to.contains("address")) {
        auto parties = readMailParties(to, "to");
        if (!parties) return parties.error();
        form.to_all = std::move(*parties);
        return Done{};
    }
    if (!to.is_object()) return read(form.to, request, "to");
    if (auto known = checkFields(to, std::array{"kind", "value"}, "to."); !known) return known;
    const auto kind = readText(to, "kind", "to.");
    if (!kind) return kind.error();
    const auto value = readText(to, "value", "to.");
    if (!value) return value.error();
    if (!isOneOf(kIdentityKinds, *kind))
        return fault("to.kind", "must be phone, email, wa_user_id, slack_user, webchat_key or external");
    if (value->empty()) return fault("to.value", "is missing");
    form.to_identity = Identity{*kind, *value};
    return Done{};
}

bool isContentHash(std::string_view text) {
    return text.size() == kSha256Digits && std::all_of(text.begin(), text.end(), [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
           });
}

Status readAttachment(RequestForm& form, const Json& item, const std::string& prefix) {
    if (!item.is_object()) return fault(prefix.substr(0, prefix.size() - 1), "must be an object");
    if (item.contains("name")) return fault(prefix + "name", "unknown field; it is called filename");
    if (auto known = checkFields(item, kAttachmentFields, prefix); !known) return known;
    Attachment attachment;
    const std::pair<const char*, std::string*> texts[] = {
        {"kind", &attachment.kind},    {"media_id", &attachment.media_id}, {"url", &attachment.url},
        {"mime", &attachment.mime},    {"filename", &attachment.filename}, {"caption", &attachment.caption},
        {"sha256", &attachment.sha256}};
    for (const auto& [name, out] : texts) {
        auto text = readText(item, name, prefix, kMaxText);
        if (!text) return text.error();
        *out = std::move(*text);
    }
    attachment.is_voice = flagAt(item, "is_voice");
    const bool has_source = !attachment.url.empty() || !attachment.media_id.empty();
    if (!has_source && attachment.sha256.empty())
        return fault(prefix + "url", "file_id, url or media_id is missing");
    if (!has_source && !isContentHash(attachment.sha256))
        return fault(prefix + "sha256",
                     "must be the 64 hex digits of a file's content; name an uploaded file by file_id");
    if (attachment.kind.empty()) attachment.kind = isOneOf(kMediaTypes, form.type) ? form.type : "document";
    if (!isOneOf(kMediaTypes, attachment.kind))
        return fault(prefix + "kind", "must be image, video, audio, document or sticker");
    form.attachments.push_back(std::move(attachment));
    return Done{};
}

Status readAttachments(RequestForm& form, const Json& request) {
    const Json& items = memberAt(request, "attachments");
    if (items.is_null()) return Done{};
    if (!items.is_array()) return fault("attachments", "must be a list");
    if (items.size() > kMaxAttachments)
        return fault("attachments", "more than " + std::to_string(kMaxAttachments));
    for (std::size_t i = 0; i < items.size(); ++i) {
        const std::string prefix = "attachments[" + std::to_string(i) + "].";
        if (auto done = readAttachment(form, items[i], prefix); !done) return done;
    }
    return Done{};
}

// The structured part stands under its own name (`template`, …) or under `content`; one of them.
Status readContent(RequestForm& form, const Json& request) {
    std::string found;
    for (const char* name : {"template", "interactive", "location", "contacts", "http", "content"}) {
        const Json& value = memberAt(request, name);
        if (value.is_null()) continue;
        const bool is_list = name == std::string_view("contacts");
        if (is_list ? !value.is_array() : !value.is_object())
            return fault(name, is_list ? "must be a list" : "must be an object");
        if (!found.empty()) return fault(name, "stands beside " + found + "; use one of them");
        found = name;
        form.content = is_list ? Json{{"contacts", value}} : value;
    }
    if (dumpJson(form.content).size() > kMaxContent)
        return fault(found, "longer than " + std::to_string(kMaxContent) + " bytes");
    if (form.type.empty() && !found.empty() && found != "content") form.type = found;
    if (found.empty() || found == "content" || found == form.type) return Done{};
    return fault(found, "does not belong to type " + form.type);
}

Status readExpiry(RequestForm& form, const Json& request) {
    const Json& value = memberAt(request, "expires_in_s");
    if (value.is_null()) return Done{};
    if (!value.is_number_integer() || value < 1 || value > kMaxExpirySeconds)
        return fault("expires_in_s", "must be a whole number from 1 to " + std::to_string(kMaxExpirySeconds));
    form.expires_in = std::chrono::seconds{value.get<std::int64_t>()};
    return Done{};
}

Status readReply(RequestForm& form, const Json& request) {
    if (auto done = read(form.in_reply_to, request, "in_reply_to"); !done) return done;
    const auto reply_to = readId(request, "reply_to", kMessageId);
    if (!reply_to) return reply_to.error();
    form.reply_to = *reply_to;
    if (form.reply_to && !form.in_reply_to.empty())
        return fault("reply_to", "stands beside in_reply_to; use one");
    return Done{};
}

Status readAddress(RequestForm& form, const Json& request) {
    for (const auto& [name, out] : {std::pair{"account", &form.account}, {"channel", &form.channel}}) {
        if (auto done = read(*out, request, name); !done) return done;
    }
    if (auto done = readTo(form, request); !done) return done;
    const auto conversation = readId(request, "conversation_id", kConversationId);
    if (!conversation) return conversation.error();
    form.conversation = *conversation;
    if (form.conversation) return Done{};
    if (form.is_to_all) return fault("reply_all", "needs the conversation_id in which it answers");
    if (form.account.empty()) return fault("account", "is missing (or give conversation_id)");
    if (form.type != "http" && !form.hasTo()) return fault("to", "is missing (or give conversation_id)");
    return Done{};
}

Status checkHttp(const RequestForm& form) {
    if (form.conversation) return fault("conversation_id", "an http request has none");
    if (form.hasTo()) return fault("to", "an http request has none; its address is http.url");
    // A credential may be the address itself (hub/credentials, type url).
    const bool has_url = !textAt(form.content, "url").empty();
    if (!has_url && textAt(form.content, "credential").empty()) return fault("http.url", "is missing");
    const Json& method = memberAt(form.content, "method");
    if (!method.is_null() && !method.is_string()) return fault("http.method", "must be a text");
    return Done{};
}

Status checkType(const RequestForm& form) {
    if (!isOneOf(kTypes, form.type))
        return fault("type",
                     "must be text, image, video, audio, document, sticker, location, contacts, template, "
                     "interactive, reaction, mark_read, email, call or http");
    if (form.type == "http") return checkHttp(form);
    const bool has_html = !textAt(form.content, "html").empty();
    if ((form.type == "text" || form.type == "email") && form.text.empty() && !has_html &&
        form.attachments.empty())
        return fault("text", "is missing");
    if (isOneOf(kMediaTypes, form.type) && form.attachments.empty())
        return fault("attachments", "is missing");
    const bool is_structured = form.type == "template" || form.type == "interactive" ||
                               form.type == "location" || form.type == "contacts";
    if (is_structured && form.content.empty()) return fault(form.type, "is missing");
    const bool has_target = form.reply_to || !form.in_reply_to.empty();
    if (form.type == "reaction" && !has_target)
        return fault("reply_to", "is missing: the message to react to");
    if (form.type == "mark_read" && !has_target && !form.conversation)
        return fault("conversation_id", "is missing (or give reply_to)");
    return Done{};
}

// A message of files without a word about its type is of the first file's type.
void settleType(RequestForm& form, const Json& request) {
    if (!form.type.empty()) return;
    const Json& items = memberAt(request, "attachments");
    form.type = items.is_array() && !items.empty() ? textAt(items[0], "kind", "document") : "text";
}

}  // namespace

Result<RequestForm> readRequestForm(const Json& request) {
    if (!request.is_object()) return fault("request", "must be an object");
    if (auto known = checkFields(request, kFields, ""); !known) return known.error();
    RequestForm form;
    if (auto done = read(form.type, request, "type"); !done) return done.error();
    if (form.type.empty() && textAt(request, "kind") == "http") form.type = "http";
    const std::size_t longest = form.type == "email" ? kMaxMailText : kMaxText;
    if (auto done = read(form.text, request, "text", longest); !done) return done.error();
    if (auto done = read(form.client_token, request, "client_token", 200); !done) return done.error();
    if (auto done = readContent(form, request); !done) return done.error();
    settleType(form, request);
    for (const auto& step : {readMailFields, readAddress, readAttachments, readReply, readExpiry}) {
        if (auto done = step(form, request); !done) return done.error();
    }
    if (auto done = checkType(form); !done) return done.error();
    return form;
}

}  // namespace signalbox

#include "connectors/email/compose.h"

#include <gmime/gmime.h>

#include <algorithm>
#include <memory>
#include <mutex>
#include <set>

#include "base/crypto.h"
#include "base/html_text.h"
#include "connectors/email/mime/html_sanitize.h"
#include "connectors/email/mime/html_text.h"

namespace signalbox::email {
namespace {

struct Unref {
    void operator()(void* object) const { g_object_unref(object); }
};
template <class T>
using Owned = std::unique_ptr<T, Unref>;

Error invalid(std::string message) {
    return {ErrorKind::Invalid, "mail: " + std::move(message), {}, "invalid_mail"};
}

void initialize() {
    static std::once_flag once;
    std::call_once(once, [] { g_mime_init(); });
}

bool isOneLine(std::string_view text) {
    return text.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos;
}

bool isAddress(std::string_view text) {
    const auto at = text.rfind('@');
    return at != std::string_view::npos && at > 0 && at + 1 < text.size() &&
           text.find_first_of(" \t<>,;\"()") == std::string_view::npos && isOneLine(text);
}

bool isAscii(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

// «a@x», {"address", "name"}, or a list of them.
Result<std::vector<std::pair<std::string, std::string>>> readAddresses(const Json& value, const char* field) {
    std::vector<std::pair<std::string, std::string>> out;
    if (value.is_null()) return out;
    for (const Json& item : value.is_array() ? value : Json::array({value})) {
        const std::string address = item.is_string() ? item.get<std::string>() : textAt(item, "address");
        const std::string name = item.is_object() ? textAt(item, "name") : "";
        if (!isAddress(address)) return invalid(std::string(field) + ": no e-mail address");
        if (!isOneLine(name)) return invalid(std::string(field) + ": a name must not hold a line break");
        out.emplace_back(address, name);
    }
    return out;
}

// Part, encoded as 7bit, quoted-printable or base64, whichever is shortest.
void encode(GMimePart* part) {
    g_mime_part_set_content_encoding(
        part, g_mime_part_get_best_content_encoding(part, GMIME_ENCODING_CONSTRAINT_7BIT));
}

// A bare CR or LF ends a line for some servers and none for others: that is how mails are smuggled into
// mails.
std::string withPlainLineEnds(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool is_pair = text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n';
        if (!is_pair) out += text[i] == '\r' ? '\n' : text[i];
    }
    return out;
}

Owned<GMimeObject> textPart(const char* subtype, const std::string& text) {
    GMimeTextPart* part = g_mime_text_part_new_with_subtype(subtype);
    g_mime_text_part_set_charset(part, "utf-8");
    g_mime_text_part_set_text(part, withPlainLineEnds(text).c_str());
    encode(GMIME_PART(part));
    return Owned<GMimeObject>(GMIME_OBJECT(part));
}

Owned<GMimeObject> filePart(const Attachment& attachment, const std::string& bytes, bool is_inline) {
    std::string mime = attachment.mime.empty() ? "application/octet-stream" : attachment.mime;
    const auto slash = mime.find('/');
    // RFC 2046, 5.2: a mail within a mail must not be in base64; as a file it may be anything.
    const bool is_bare = mime.starts_with("message/") || mime.starts_with("multipart/");
    if (slash == std::string::npos || !isOneLine(mime) || is_bare) mime = "application/octet-stream";
    const auto cut = mime.find('/');
    GMimePart* part = g_mime_part_new_with_type(mime.substr(0, cut).c_str(), mime.substr(cut + 1).c_str());
    Owned<GMimeStream> stream(g_mime_stream_mem_new_with_buffer(bytes.data(), bytes.size()));
    Owned<GMimeDataWrapper> content(
        g_mime_data_wrapper_new_with_stream(stream.get(), GMIME_CONTENT_ENCODING_DEFAULT));
    g_mime_part_set_content(part, content.get());
    g_mime_object_set_disposition(GMIME_OBJECT(part), is_inline ? "inline" : "attachment");
    if (!attachment.filename.empty()) g_mime_part_set_filename(part, attachment.filename.c_str());
    if (is_inline) g_mime_object_set_content_id(GMIME_OBJECT(part), attachment.filename.c_str());
    g_mime_part_set_content_encoding(part, GMIME_CONTENT_ENCODING_BASE64);
    return Owned<GMimeObject>(GMIME_OBJECT(part));
}

// The same in each try: a mail that one recipient gets later is the one that the others have.
std::string boundaryOf(const OutboundMessage& message, const char* subtype) {
    constexpr std::size_t kDigits = 24;
    return "=-" + toHex(hash(HashAlgorithm::Sha256,
                             std::string(subtype) + ":" + textAt(message.content, "message_id")))
                      .substr(0, kDigits);
}

Owned<GMimeObject> multipart(const OutboundMessage& message, const char* subtype,
                             std::vector<Owned<GMimeObject>> parts) {
    GMimeMultipart* whole = g_mime_multipart_new_with_subtype(subtype);
    g_mime_multipart_set_boundary(whole, boundaryOf(message, subtype).c_str());
    for (const auto& part : parts) g_mime_multipart_add(whole, part.get());
    return Owned<GMimeObject>(GMIME_OBJECT(whole));
}

template <class... Parts>
std::vector<Owned<GMimeObject>> partsOf(Parts... parts) {
    std::vector<Owned<GMimeObject>> list;
    (list.push_back(std::move(parts)), ...);
    return list;
}

// Escaped; lines become <br>.
std::string textToHtml(std::string_view text) {
    std::string out;
    for (const char c : escapeHtml(text)) out += c == '\n' ? "<br>\n" : std::string(1, c);
    return out;
}

struct Body {
    std::string text, html;
};

void insertAtEnd(std::string& html, const std::string& block) {
    const auto end = html.rfind("</body>");
    html.insert(end == std::string::npos ? html.size() : end, block);
}

Body bodyOf(const OutboundMessage& message, const AccountConfig& config) {
    Body body{message.text, mime::htmlToSend(textAt(message.content, "html"))};
    if (body.text.empty() && !body.html.empty()) body.text = mime::htmlToText(body.html);
    if (!config.signature.empty()) body.text += "\n\n-- \n" + config.signature;
    const std::string signature = config.signature_html.empty() ? textToHtml(config.signature)
                                                                : mime::htmlToSend(config.signature_html);
    if (!body.html.empty() && !signature.empty()) {
        const std::string block = "<br><div class=\"signature\">-- <br>" + signature + "</div>";
        insertAtEnd(body.html, block);
    }
    // An answer quotes it, whatever became of the Message-ID on its way.
    if (!body.html.empty() && config.has_body_mark)
        insertAtEnd(body.html, "<div style=\"display:none\">&lt;" + textAt(message.content, "message_id") +
                                   "&gt;</div>");
    return body;
}

// An image that the HTML shows: <img src="cid:NAME"> with the file's name.
bool isShownInline(const Attachment& attachment, const std::string& html) {
    const auto shows = [&](const std::string& name) { return html.find("cid:" + name) != std::string::npos; };
    return !attachment.filename.empty() &&
           (shows(attachment.filename) || shows(escapeHtml(attachment.filename)));
}

Owned<GMimeObject> bodyPart(const OutboundMessage& message, const AccountConfig& config) {
    const Body body = bodyOf(message, config);
    auto whole = textPart("plain", body.text);
    if (!body.html.empty()) {
        auto html = textPart("html", body.html);
        std::vector<Owned<GMimeObject>> related;
        for (std::size_t i = 0; i < message.files.size(); ++i) {
            if (isShownInline(message.attachments[i], body.html))
                related.push_back(filePart(message.attachments[i], message.files[i], true));
        }
        if (!related.empty()) {
            related.insert(related.begin(), std::move(html));
            html = multipart(message, "related", std::move(related));
        }
        whole = multipart(message, "alternative", partsOf(std::move(whole), std::move(html)));
    }
    std::vector<Owned<GMimeObject>> mixed;
    for (std::size_t i = 0; i < message.files.size(); ++i) {
        if (!isShownInline(message.attachments[i], body.html))
            mixed.push_back(filePart(message.attachments[i], message.files[i], false));
    }
    if (mixed.empty()) return whole;
    mixed.insert(mixed.begin(), std::move(whole));
    return multipart(message, "mixed", std::move(mixed));
}

void setHeader(GMimeMessage* mail, const char* name, const std::string& value) {
    g_mime_object_set_header(GMIME_OBJECT(mail), name, value.c_str(), "utf-8");
}

// As it is: GMime would encode long words, and nobody decodes what is no text. Lines are `value`'s own.
void setRawHeader(GMimeMessage* mail, const char* name, const std::string& value) {
    setHeader(mail, name, "x");
    GMimeHeaderList* headers = g_mime_object_get_header_list(GMIME_OBJECT(mail));
    g_mime_header_set_raw_value(g_mime_header_list_get_header(headers, name), (" " + value + "\n").c_str());
}

std::string referencesOf(const Json& content) {
    std::string line;
    for (const Json& id : memberAt(content, "references")) {
        // Nothing can be folded within an id, and a line has 998 characters at most.
        constexpr std::size_t kLongestId = 900;
        if (!id.is_string() || !isOneLine(id.get_ref<const std::string&>()) ||
            id.get_ref<const std::string&>().size() > kLongestId)
            continue;
        line += (line.empty() ? "<" : " <") + id.get<std::string>() + ">";
    }
    return line;
}

void setThread(GMimeMessage* mail, const OutboundMessage& message) {
    const std::string in_reply_to = textAt(message.content, "in_reply_to", message.in_reply_to);
    if (!in_reply_to.empty() && isOneLine(in_reply_to))
        setHeader(mail, "In-Reply-To", "<" + in_reply_to + ">");
    std::string references = referencesOf(message.content);
    if (references.empty() && !in_reply_to.empty()) references = "<" + in_reply_to + ">";
    if (!references.empty()) setHeader(mail, "References", references);
}

// RFC 3834: what a machine wrote says so. RFC 2369 and 8058: mail that nobody asked for can be ended.
void setOrigin(GMimeMessage* mail, const OutboundMessage& message, const AccountConfig& config) {
    const std::string origin = textAt(message.content, "auto_submitted");
    if (origin.empty()) return;
    setHeader(mail, "Auto-Submitted", origin == "auto-replied" ? "auto-replied" : "auto-generated");
    setHeader(mail, "X-Auto-Response-Suppress", "OOF, AutoReply");
    // A link for a new password is asked for, not subscribed to.
    if (flagAt(message.content, "is_private")) return;
    const Json own = Json::array({config.list_unsubscribe});
    std::string ways;
    bool has_link = false;
    for (const Json& way :
         config.list_unsubscribe.empty() ? memberAt(message.content, "list_unsubscribe") : own) {
        if (!way.is_string() || !isOneLine(way.get_ref<const std::string&>())) continue;
        const auto& text = way.get_ref<const std::string&>();
        ways += (ways.empty() ? "<" : ",\n <") + text + ">";
        has_link = has_link || text.starts_with("https:");
    }
    if (ways.empty()) return;
    setRawHeader(mail, "List-Unsubscribe", ways);
    if (has_link) setHeader(mail, "List-Unsubscribe-Post", "List-Unsubscribe=One-Click");
}

// RFC 5890: every server takes xn--….
std::string withAsciiDomain(const std::string& address) {
    if (isAscii(address)) return address;
    const Owned<InternetAddress> mailbox(internet_address_mailbox_new("", address.c_str()));
    const char* const encoded =
        internet_address_mailbox_get_idn_addr(INTERNET_ADDRESS_MAILBOX(mailbox.get()));
    return encoded == nullptr ? address : encoded;
}

// As GMime folds and encodes it.
std::string blindCopiesLine(const std::vector<std::pair<std::string, std::string>>& list) {
    if (list.empty()) return "";
    const Owned<InternetAddressList> addresses(internet_address_list_new());
    for (const auto& [address, name] : list) {
        const Owned<InternetAddress> one(
            internet_address_mailbox_new(name.c_str(), withAsciiDomain(address).c_str()));
        internet_address_list_add(addresses.get(), one.get());
    }
    // One a line: nothing has to be folded within an address.
    std::string line = "Bcc:";
    for (int i = 0; i < internet_address_list_length(addresses.get()); ++i) {
        char* text =
            internet_address_to_string(internet_address_list_get_address(addresses.get(), i), nullptr, TRUE);
        line += (i == 0 ? " " : ",\r\n ") + std::string(text);
        g_free(text);
    }
    return line + "\r\n";
}

// ada@x and token → ada+token@x.
std::string plusAddress(const std::string& address, const std::string& message_id) {
    const auto at = address.rfind('@');
    return address.substr(0, at) + "+" + message_id.substr(0, message_id.rfind('@')) + address.substr(at);
}

std::string toBytes(GMimeMessage* mail) {
    GMimeFormatOptions* options = g_mime_format_options_new();
    g_mime_format_options_set_newline_format(options, GMIME_NEWLINE_FORMAT_DOS);
    g_mime_format_options_set_param_encoding_method(options, GMIME_PARAM_ENCODING_METHOD_RFC2231);
    char* text = g_mime_object_to_string(GMIME_OBJECT(mail), options);
    std::string bytes = text;
    g_free(text);
    g_mime_format_options_free(options);
    return bytes;
}

// «jörg@example.com:;», an empty group.
void addName(GMimeMessage* mail, GMimeAddressType type, const std::string& name) {
    const Owned<InternetAddress> group(internet_address_group_new(name.c_str()));
    internet_address_set_charset(group.get(), "utf-8");
    internet_address_list_add(g_mime_message_get_addresses(mail, type), group.get());
}

struct Recipients {
    std::vector<std::pair<std::string, std::string>> to, cc, bcc, reply_to;
};

Result<Recipients> recipientsOf(const OutboundMessage& message) {
    Recipients out;
    auto to = readAddresses(memberAt(message.content, "to"), "to");
    if (!to) return to.error();
    out.to = std::move(*to);
    if (out.to.empty()) {
        if (message.to.kind != "email" || !isAddress(message.to.value))
            return invalid("to: no e-mail address");
        out.to.emplace_back(message.to.value, textAt(message.content, "to_name"));
    }
    for (const auto& [field, list] :
         {std::pair{"cc", &out.cc}, {"bcc", &out.bcc}, {"reply_to", &out.reply_to}}) {
        auto found = readAddresses(memberAt(message.content, field), field);
        if (!found) return found.error();
        *list = std::move(*found);
    }
    return out;
}

}  // namespace

Result<ComposedMail> compose(const OutboundMessage& message, const AccountConfig& config, TimePoint now,
                             Addresses addresses) {
    initialize();
    const auto recipients = recipientsOf(message);
    if (!recipients) return recipients.error();
    const std::string subject = textAt(message.content, "subject");
    if (!isOneLine(subject)) return invalid("subject: must not hold a line break");
    if (message.text.find('\0') != std::string::npos) return invalid("text: must not hold a NUL character");
    if (message.text.empty() && textAt(message.content, "html").empty() && message.attachments.empty())
        return invalid("text: is missing");
    if (message.files.size() != message.attachments.size())
        return invalid("attachments: a file is not in the file store");

    ComposedMail out;
    out.message_id = textAt(message.content, "message_id");
    if (out.message_id.empty() || !isOneLine(out.message_id))
        return invalid("message_id: is missing; the daemon makes it");
    const Owned<GMimeMessage> mail(g_mime_message_new(TRUE));
    g_mime_message_add_mailbox(mail.get(), GMIME_ADDRESS_TYPE_FROM, config.name.c_str(),
                               config.address.c_str());
    std::set<std::string> seen;
    const auto add = [&](GMimeAddressType type, const auto& list, bool is_recipient) {
        for (const auto& [written, name] : list) {
            const std::string address = withAsciiDomain(written);
            out.needs_utf8 = out.needs_utf8 || !isAscii(address);
            if (is_recipient && seen.insert(address).second) out.recipients.push_back(address);
            if (type == GMIME_ADDRESS_TYPE_BCC) continue;  // nobody is told of those
            if (addresses == Addresses::Shown && !isAscii(address)) {
                addName(mail.get(), type, written);
            } else {
                g_mime_message_add_mailbox(mail.get(), type, name.c_str(), address.c_str());
            }
        }
    };
    add(GMIME_ADDRESS_TYPE_TO, recipients->to, true);
    add(GMIME_ADDRESS_TYPE_CC, recipients->cc, true);
    add(GMIME_ADDRESS_TYPE_BCC, recipients->bcc, true);
    add(GMIME_ADDRESS_TYPE_REPLY_TO, recipients->reply_to, false);
    if (recipients->reply_to.empty() && config.has_reply_token) {
        g_mime_message_add_mailbox(mail.get(), GMIME_ADDRESS_TYPE_REPLY_TO, config.name.c_str(),
                                   plusAddress(config.address, out.message_id).c_str());
    }
    g_mime_message_set_subject(mail.get(), subject.c_str(), "utf-8");
    g_mime_message_set_message_id(mail.get(), out.message_id.c_str());
    GDateTime* date = g_date_time_new_from_unix_utc(toMicros(now) / 1'000'000);
    g_mime_message_set_date(mail.get(), date);
    g_date_time_unref(date);
    setThread(mail.get(), message);
    // RFC 8098: whoever reads it is asked to tell.
    if (flagAt(message.content, "request_receipt"))
        setRawHeader(mail.get(), "Disposition-Notification-To", "<" + config.address + ">");
    setOrigin(mail.get(), message, config);
    const auto body = bodyPart(message, config);
    g_mime_message_set_mime_part(mail.get(), body.get());
    out.bytes = toBytes(mail.get());
    out.blind_copies = blindCopiesLine(recipients->bcc);
    return out;
}

std::string copyForSent(const ComposedMail& mail) {
    const auto end = mail.blind_copies.empty() ? std::string::npos : mail.bytes.find("\r\n\r\n");
    if (end == std::string::npos) return mail.bytes;
    return mail.bytes.substr(0, end + 2) + mail.blind_copies + mail.bytes.substr(end + 2);
}

}  // namespace signalbox::email

#include "connectors/email/parsed_mail.h"

#include <gmime/gmime.h>

#include <algorithm>
#include <memory>
#include <mutex>

#include "connectors/email/html_text.h"

namespace signalbox::email {
namespace {

struct Unref {
    void operator()(void* object) const {
        if (object != nullptr) g_object_unref(object);
    }
};
template <class T>
using Owned = std::unique_ptr<T, Unref>;

std::string text(const char* value) {
    return value == nullptr ? "" : value;
}
std::string lower(std::string value) {
    for (char& c : value) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
    return value;
}
std::string bareId(std::string id) {
    const auto from = id.find('<');
    if (from != std::string::npos) id.erase(0, from + 1);
    id = id.substr(0, id.find('>'));
    std::erase_if(id, [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; });
    return id;
}
std::vector<std::string> idsIn(const std::string& header) {
    std::vector<std::string> ids;
    for (auto at = header.find('<'); at != std::string::npos; at = header.find('<', at + 1)) {
        const auto end = header.find('>', at);
        if (end == std::string::npos) break;
        ids.push_back(bareId(header.substr(at, end - at)));
    }
    return ids;
}
std::string headerOf(GMimeObject* object, const char* name) {
    return text(g_mime_object_get_header(object, name));
}
std::vector<MailAddress> addressesOf(InternetAddressList* list) {
    std::vector<MailAddress> out;
    const int count = list == nullptr ? 0 : internet_address_list_length(list);
    for (int i = 0; i < count; ++i) {
        InternetAddress* one = internet_address_list_get_address(list, i);
        if (INTERNET_ADDRESS_IS_MAILBOX(one))
            out.push_back({text(internet_address_get_name(one)),
                           text(internet_address_mailbox_get_addr(INTERNET_ADDRESS_MAILBOX(one)))});
    }
    return out;
}
std::string contentOf(GMimePart* part) {
    GMimeDataWrapper* wrapper = g_mime_part_get_content(part);
    if (wrapper == nullptr) return "";
    Owned<GMimeStream> stream(g_mime_stream_mem_new());
    g_mime_data_wrapper_write_to_stream(wrapper, stream.get());
    const GByteArray* bytes = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(stream.get()));
    return std::string(reinterpret_cast<const char*>(bytes->data), bytes->len);
}

struct Collect {
    ParsedMail& mail;
    bool is_report = false;
};

void readDeliveryStatus(ParsedMail& mail, const std::string& body) {
    BouncedRecipient one;
    const auto finish = [&] {
        if (!one.address.empty()) mail.bounced.push_back(one);
        one = {};
    };
    std::size_t at = 0;
    while (at <= body.size()) {
        auto end = body.find('\n', at);
        if (end == std::string::npos) end = body.size();
        std::string line = body.substr(at, end - at);
        at = end + 1;
        if (!line.empty() && line.back() == '\r') line.pop_back();
        if (line.empty()) finish();
        const auto colon = line.find(':');
        if (colon == std::string::npos) continue;
        const std::string name = lower(line.substr(0, colon));
        std::string value = line.substr(colon + 1);
        value.erase(0, value.find_first_not_of(' '));
        const auto semicolon = value.find(';');
        const std::string typed = semicolon == std::string::npos ? value : value.substr(semicolon + 1);
        if (name == "final-recipient" || (name == "original-recipient" && one.address.empty())) {
            one.address = bareId(typed);
        } else if (name == "action") {
            one.action = lower(value);
        } else if (name == "status") {
            one.code = value.substr(0, value.find(' '));
            one.is_hard = one.code.starts_with('5');
        } else if (name == "diagnostic-code") {
            one.text = typed.substr(std::min(typed.size(), typed.find_first_not_of(' ')));
        }
    }
    finish();
}

void collect(Collect& to, GMimeObject* object);

void collectPart(Collect& to, GMimePart* part) {
    GMimeContentType* type = g_mime_object_get_content_type(GMIME_OBJECT(part));
    char* mime_text = g_mime_content_type_get_mime_type(type);
    const std::string mime = lower(text(mime_text));
    g_free(mime_text);
    if (mime == "message/delivery-status") return readDeliveryStatus(to.mail, contentOf(part));
    if (mime == "message/disposition-notification") {
        const std::string body = contentOf(part);
        const auto at = lower(body).find("original-message-id:");
        if (at != std::string::npos)
            to.mail.original_message_id = bareId(body.substr(at, body.find('\n', at) - at));
        to.mail.is_read_receipt = lower(body).find("displayed") != std::string::npos;
        return;
    }
    if (mime == "text/rfc822-headers") {
        const std::string body = contentOf(part);
        const auto at = lower(body).find("message-id:");
        if (at != std::string::npos && to.mail.original_message_id.empty())
            to.mail.original_message_id = bareId(body.substr(at + 11, body.find('\n', at) - at - 11));
        return;
    }
    GMimeContentDisposition* disposition = g_mime_object_get_content_disposition(GMIME_OBJECT(part));
    const bool is_attached = disposition != nullptr && g_mime_content_disposition_is_attachment(disposition);
    if (GMIME_IS_TEXT_PART(part) && !is_attached) {
        char* decoded = g_mime_text_part_get_text(GMIME_TEXT_PART(part));
        std::string& place = mime == "text/html" ? to.mail.html : to.mail.text;
        if (place.empty()) place = text(decoded);
        g_free(decoded);
        return;
    }
    to.mail.files.push_back({text(g_mime_part_get_filename(part)), mime,
                             text(g_mime_object_get_content_id(GMIME_OBJECT(part))), contentOf(part),
                             !is_attached});
}

void collect(Collect& to, GMimeObject* object) {
    if (GMIME_IS_MULTIPART(object)) {
        const int count = g_mime_multipart_get_count(GMIME_MULTIPART(object));
        for (int i = 0; i < count; ++i) collect(to, g_mime_multipart_get_part(GMIME_MULTIPART(object), i));
    } else if (GMIME_IS_MESSAGE_PART(object)) {
        GMimeMessage* inner = g_mime_message_part_get_message(GMIME_MESSAGE_PART(object));
        if (inner != nullptr && to.mail.original_message_id.empty())
            to.mail.original_message_id = bareId(text(g_mime_message_get_message_id(inner)));
    } else if (GMIME_IS_PART(object)) {
        collectPart(to, GMIME_PART(object));
    }
}

}  // namespace

ParsedMail parseMail(const std::string& raw) {
    static std::once_flag once;
    std::call_once(once, [] { g_mime_init(); });
    ParsedMail mail;
    Owned<GMimeStream> stream(g_mime_stream_mem_new_with_buffer(raw.data(), raw.size()));
    Owned<GMimeParser> parser(g_mime_parser_new_with_stream(stream.get()));
    Owned<GMimeMessage> message(g_mime_parser_construct_message(parser.get(), nullptr));
    if (message == nullptr) {
        mail.text = raw;
        return mail;
    }
    GMimeObject* object = GMIME_OBJECT(message.get());
    mail.message_id = bareId(text(g_mime_message_get_message_id(message.get())));
    mail.references = idsIn(headerOf(object, "References"));
    mail.in_reply_to = idsIn(headerOf(object, "In-Reply-To"));
    mail.from = addressesOf(g_mime_message_get_from(message.get()));
    mail.to = addressesOf(g_mime_message_get_to(message.get()));
    mail.cc = addressesOf(g_mime_message_get_cc(message.get()));
    mail.reply_to = addressesOf(g_mime_message_get_reply_to(message.get()));
    mail.subject = text(g_mime_message_get_subject(message.get()));
    if (GDateTime* date = g_mime_message_get_date(message.get()))
        mail.date = fromMicros(g_date_time_to_unix(date) * 1'000'000);
    Collect to{mail};
    if (GMimeObject* body = g_mime_message_get_mime_part(message.get())) collect(to, body);
    if (mail.text.empty() && !mail.html.empty()) mail.text = plainTextOf(mail.html);
    mail.html.clear();
    const std::string automatic = lower(headerOf(object, "Auto-Submitted"));
    if (!mail.bounced.empty()) {
        mail.auto_kind = "bounce";
    } else if (mail.is_read_receipt) {
        mail.auto_kind = "receipt";
    } else if (automatic.starts_with("auto-replied")) {
        mail.auto_kind = "auto_reply";
    } else if (automatic.starts_with("auto-generated")) {
        mail.auto_kind = "auto_generated";
    }
    if (mail.bounced.empty() && !mail.is_read_receipt) mail.original_message_id.clear();
    return mail;
}

}  // namespace signalbox::email

#include "connectors/email/mime/mail_body.h"

#include <algorithm>
#include <utility>

#include "base/crypto.h"
#include "connectors/email/mime/ascii.h"
#include "connectors/email/mime/charset.h"
#include "connectors/email/mime/embedded_files.h"
#include "connectors/email/mime/flowed.h"
#include "connectors/email/mime/header_text.h"
#include "connectors/email/mime/html_text.h"

namespace signalbox::mime {
namespace {

constexpr std::size_t kMaxName = 4096;
constexpr std::size_t kMaxText = 4 * 1024 * 1024;

std::string headerOf(const MessageNode& node, std::string_view name) {
    const std::string* value = node.find(name);
    return value == nullptr ? "" : unfold(*value);
}

std::string contentId(const MessageNode& node) {
    const std::string raw = headerOf(node, "content-id");
    const auto ids = parseMessageIds(raw);
    if (!ids.empty()) return ids.front();
    return validUtf8(trimmed(raw));
}

// No path, no control characters, no dots alone.
std::string safeName(std::string name) {
    if (const auto slash = name.find_last_of("/\\"); slash != std::string::npos) name.erase(0, slash + 1);
    std::erase_if(name, [](char c) { return static_cast<unsigned char>(c) < 32 || c == 127; });
    if (name.size() > kMaxName) {
        name.resize(kMaxName);
        while (!name.empty() && (name.back() & 0xC0) == 0x80) name.pop_back();
        if (!name.empty() && (name.back() & 0x80) != 0) name.pop_back();
    }
    return name == "." || name == ".." ? "" : name;
}

std::string unixLines(std::string text) {
    if (contains(text, "\r")) {
        std::string out;
        out.reserve(text.size());
        for (std::size_t i = 0; i < text.size(); ++i) {
            if (text[i] != '\r') out.push_back(text[i]);
            if (text[i] == '\r' && (i + 1 == text.size() || text[i + 1] != '\n')) out.push_back('\n');
        }
        return out;
    }
    return text;
}

// <meta charset=…>, or the one in http-equiv, of the first kilobytes.
std::string metaCharset(std::string_view html) {
    const std::string head = lowered(html.substr(0, 4096));
    for (auto at = head.find("<meta"); at != std::string::npos; at = head.find("<meta", at + 5)) {
        const auto end = std::min(head.find('>', at), head.size());
        const auto charset = head.find("charset=", at);
        if (charset >= end) continue;
        std::string name = head.substr(charset + 8, end - charset - 8);
        name = name.substr(std::min(name.find_first_not_of("\"' "), name.size()));
        return name.substr(0, name.find_first_of("\"' ;/>"));
    }
    return "";
}

std::string_view extensionOf(std::string_view mime) {
    if (mime == "text/calendar") return ".ics";
    if (mime == "text/html") return ".html";
    if (mime == "text/plain") return ".txt";
    if (mime == "image/png") return ".png";
    if (mime == "image/jpeg") return ".jpg";
    if (mime == "image/gif") return ".gif";
    if (mime == "application/pdf") return ".pdf";
    if (mime == "message/rfc822") return ".eml";
    return "";
}

class BodyReader {
public:
    explicit BodyReader(std::vector<std::string>& warnings) : warnings_(warnings) {}

    MailBody run(const MessageNode& root) {
        MailPart root_part;
        walk(root, root_part, Place{});
        body_.parts = std::move(root_part);
        finish();
        return std::move(body_);
    }

private:
    struct Place {
        bool is_alternative =
            false;                // below multipart/alternative: a second body is another form of the first
        bool is_related = false;  // beside the root of multipart/related
        bool is_digest = false;
        bool is_report = false;
        bool is_nested = false;  // within message/rfc822: only the tree is of interest
        int depth = 0;
    };

    void walk(const MessageNode& node, MailPart& part, Place place) {
        const HeaderValue type = typeOf(node, place.is_digest);
        const std::string* raw_disposition = node.find("content-disposition");
        const HeaderValue disposition =
            raw_disposition == nullptr ? HeaderValue{} : parseHeaderValue(*raw_disposition);
        part.mime = type.value;
        part.charset = lowered(type.parameter("charset"));
        part.encoding = lowered(trimmed(headerOf(node, "content-transfer-encoding")));
        part.disposition = disposition.value;
        part.name = safeName(disposition.parameter("filename").empty() ? type.parameter("name")
                                                                       : disposition.parameter("filename"));
        part.content_id = contentId(node);
        part.size = node.content.size();
        noteCrypto(type);
        if (node.is_multipart && !node.children.empty()) return walkParts(node, type, part, place);
        if (!node.is_multipart && !node.children.empty()) {
            part.size = node.raw.size();
            if (!place.is_nested) attachMessage(node, part);
            Place inside;
            inside.is_nested = true;
            part.parts.emplace_back();
            walk(node.children.front(), part.parts.back(), inside);
            return;
        }
        if (place.is_nested) return;
        readLeaf(node, type, part, place);
    }

    void walkParts(const MessageNode& node, const HeaderValue& type, MailPart& part, Place place) {
        Place inside = place;
        ++inside.depth;
        inside.is_digest = type.value == "multipart/digest";
        inside.is_alternative = place.is_alternative || type.value == "multipart/alternative";
        inside.is_report = type.value == "multipart/report";
        const bool is_related = type.value == "multipart/related";
        const bool is_alternative = type.value == "multipart/alternative" && !place.is_nested;
        const std::string text_before = is_alternative ? std::exchange(text_, "") : "";
        const std::string html_before = is_alternative ? std::exchange(html_, "") : "";
        for (std::size_t i = 0; i < node.children.size(); ++i) {
            inside.is_related = is_related && i > 0;
            part.parts.emplace_back();
            walk(node.children[i], part.parts.back(), inside);
            part.size += part.parts.back().size;
        }
        if (!is_alternative) return;
        // Of the forms of one body, both are kept; a body without one of them gets it made from the other.
        if (!text_before.empty() || !html_before.empty()) joinBefore(text_before, html_before);
    }

    void joinBefore(const std::string& text, const std::string& html) {
        text_ = text.empty() ? text_ : text + '\n' + text_;
        html_ = html.empty() ? html_ : html + html_;
    }

    void noteCrypto(const HeaderValue& type) {
        const std::string protocol = lowered(type.parameter("protocol"));
        if (type.value == "multipart/encrypted" && (protocol.empty() || contains(protocol, "pgp")))
            note("pgp_encrypted");
        else if (type.value == "multipart/signed")
            note(contains(protocol, "pgp") ? "pgp_signed" : "smime_signed");
        else if (type.value == "application/pkcs7-mime" || type.value == "application/x-pkcs7-mime")
            note(contains(lowered(type.parameter("smime-type")), "signed") ? "smime_signed"
                                                                           : "smime_encrypted");
    }
    void note(const char* crypto) {
        if (body_.crypto.empty()) body_.crypto = crypto;
    }

    void readLeaf(const MessageNode& node, const HeaderValue& type, const MailPart& part,
                  const Place& place) {
        const bool is_text = type.value == "text/plain" || type.value == "text/html" ||
                             (node.is_multipart && node.children.empty());
        const bool is_file =
            part.disposition == "attachment" || (!part.name.empty() && place.depth > 0) || place.is_related;
        // A related part that is text and no file is body text all the same when there is no other.
        const bool is_body =
            is_text && (!is_file || (place.is_related && part.name.empty() && part.content_id.empty() &&
                                     part.disposition != "attachment"));
        if (is_body) return addText(node, type);
        // A report with a name: it is shown where there is no other text, and stays a file.
        if (type.value == "text/plain" && part.disposition != "attachment" && !place.is_nested &&
            named_text_.empty())
            named_text_ = unixLines(toUtf8(limited(node.content), type.parameter("charset")));
        if (type.value == "text/calendar" && body_.calendar.empty())
            body_.calendar = unixLines(toUtf8(node.content, type.parameter("charset")));
        if (place.is_report &&
            (type.value == "message/delivery-status" || type.value == "text/rfc822-headers" ||
             type.value == "message/rfc822-headers" || type.value == "message/global-delivery-status" ||
             type.value == "message/disposition-notification" || type.value == "message/feedback-report"))
            return;
        if (!is_file && isReadableText(type.value)) return addText(node, type);
        if (type.value == "application/ms-tnef" || type.value == "application/vnd.ms-tnef" ||
            equalsIgnoringCase(part.name, "winmail.dat")) {
            if (addTnef(node.content)) return;
        }
        if (node.content.empty() && part.name.empty() && part.disposition.empty() && place.depth == 0) return;
        attach(part, node.content, place);
    }

    static bool isReadableText(std::string_view mime) {
        return mime == "text/enriched" || mime == "text/richtext" || mime == "text/markdown" ||
               mime == "text/x-markdown" || mime == "text/x-amp-html";
    }

    void addText(const MessageNode& node, const HeaderValue& type) {
        std::string charset = type.parameter("charset");
        if (type.value == "text/x-amp-html") return;
        if (type.value == "text/html") {
            if (charset.empty() || !isKnownCharset(charset) ||
                (lowered(charset) == "us-ascii" && !isAscii(node.content)))
                charset = metaCharset(node.content);
            std::string html = toUtf8(limited(node.content), charset);
            html_ += html;
            return;
        }
        std::string text = unixLines(toUtf8(limited(node.content), charset));
        if (type.value == "text/enriched" || type.value == "text/richtext") text = htmlToText(text);
        if (lowered(type.parameter("format")) == "flowed")
            text = unflow(text, lowered(type.parameter("delsp")) == "yes");
        for (EmbeddedFile& file : takeUuencoded(text)) addFile(std::move(file));
        if (contains(text, "=ybegin ")) warnings_.push_back("yEnc left as text");
        if (!text_.empty() && !text_.ends_with('\n')) text_ += '\n';
        text_ += text;
    }

    std::string_view limited(std::string_view content) {
        if (content.size() <= kMaxText) return content;
        warnings_.push_back("text cut at 4 MiB");
        return content.substr(0, kMaxText);
    }

    bool addTnef(std::string_view bytes) {
        TnefContent tnef = readTnef(bytes);
        if (!tnef.is_tnef) return false;
        for (EmbeddedFile& file : tnef.files) addFile(std::move(file));
        if (text_.empty()) text_ = unixLines(tnef.text);
        if (html_.empty()) html_ = tnef.html;
        return true;
    }

    void addFile(EmbeddedFile file) {
        push({safeName(std::move(file.name)), std::move(file.mime), "", "attachment", "",
              std::move(file.content)});
    }

    void attach(const MailPart& part, const std::string& content, const Place& place) {
        std::string name = part.name;
        if (name.empty())
            name = "attachment-" + std::to_string(body_.attachments.size() + 1) +
                   std::string(extensionOf(part.mime));
        const bool is_inline = part.disposition == "inline" ||
                               (part.disposition.empty() && (place.is_related || !part.content_id.empty()));
        std::string bytes =
            part.encoding == "x-uuencode" || part.encoding == "uuencode" || part.encoding == "x-uue"
                ? uuencodedPart(content, name)
                : content;
        push({name, part.mime, part.content_id, is_inline ? "inline" : "attachment", "", std::move(bytes)});
    }

    static std::string uuencodedPart(const std::string& content, std::string& name) {
        std::string text = unixLines(content);
        auto files = takeUuencoded(text);
        if (files.empty()) return content;
        if (name.starts_with("attachment-")) name = safeName(files.front().name);
        return std::move(files.front().content);
    }

    void attachMessage(const MessageNode& node, const MailPart& part) {
        const std::string* subject = node.children.front().find("subject");
        std::string name = part.name;
        if (name.empty()) name = safeName((subject == nullptr ? "" : decodeHeader(*subject)));
        if (name.empty()) name = "message";
        if (part.name.empty()) name += ".eml";
        push({name, part.mime, part.content_id, part.disposition == "inline" ? "inline" : "attachment", "",
              node.raw});
    }

    void push(MailAttachment attachment) {
        attachment.sha256 = toHex(hash(HashAlgorithm::Sha256, attachment.content));
        body_.attachments.push_back(std::move(attachment));
    }

    void finish() {
        const bool is_silent = trimmed(text_).empty() && trimmed(html_).empty();
        body_.html = std::move(html_);
        body_.text = is_silent ? std::move(named_text_) : std::move(text_);
        const bool has_text = !trimmed(body_.text).empty();
        if (!has_text && !body_.html.empty()) {
            body_.text = htmlToText(body_.html);
            body_.is_text_from_html = true;
        }
        if (contains(body_.text, "-----BEGIN PGP MESSAGE-----")) note("pgp_encrypted");
        if (contains(body_.text, "-----BEGIN PGP SIGNED MESSAGE-----")) note("pgp_signed");
    }

    std::vector<std::string>& warnings_;
    MailBody body_;
    std::string text_, html_, named_text_;
};

}  // namespace

HeaderValue typeOf(const MessageNode& node, bool is_digest) {
    const std::string* raw = node.find("content-type");
    if (raw != nullptr && !trimmed(unfold(*raw)).empty()) return parseContentType(*raw);
    HeaderValue type;
    type.value = is_digest ? "message/rfc822" : "text/plain";
    return type;
}

MailBody readBody(const MessageNode& root, std::vector<std::string>& warnings) {
    return BodyReader(warnings).run(root);
}

}  // namespace signalbox::mime

#include "connectors/email/mime/parse_mail.h"

#include "base/crypto.h"
#include "connectors/email/mime/address_list.h"
#include "connectors/email/mime/ascii.h"
#include "connectors/email/mime/auto_kind.h"
#include "connectors/email/mime/bounce.h"
#include "connectors/email/mime/charset.h"
#include "connectors/email/mime/header_text.h"
#include "connectors/email/mime/html_sanitize.h"
#include "connectors/email/mime/lenient_base64.h"
#include "connectors/email/mime/mail_body.h"
#include "connectors/email/mime/mail_date.h"
#include "connectors/email/mime/message_tree.h"
#include "connectors/email/mime/reply_text.h"

namespace signalbox::mime {
namespace {

constexpr std::size_t kMaxLinks = 5000;

class MailReader {
public:
    explicit MailReader(std::string_view bytes) : bytes_(bytes), tree_(readMessageTree(bytes)) {
        mail_.warnings = std::move(tree_.warnings);
        readRawHeaders();
    }

    Mail run() {
        readIds();
        readPeople();
        readDate();
        mail_.is_date_assumed = tree_.root.find("date") == nullptr && !mail_.date.empty();
        mail_.subject = decoded("subject");
        MailBody body = readBody(tree_.root, mail_.warnings);
        mail_.crypto = body.crypto;
        mail_.calendar = std::move(body.calendar);
        mail_.attachments = std::move(body.attachments);
        mail_.parts = std::move(body.parts);
        mail_.text = validUtf8(body.text);
        readHtml(body.html);
        const MachineSigns signs = readMachineSigns(tree_.root, mail_);
        mail_.auto_kind = signs.kind;
        mail_.may_auto_reply = signs.may_auto_reply;
        if (auto report = readBounce(tree_.root, mail_)) {
            mail_.auto_kind = MailAutoKind::Bounce;
            mail_.may_auto_reply = false;
            mail_.bounce = std::move(*report);
        }
        mail_.about_message_id = aboutMessageId(tree_.root, mail_);
        mail_.was_displayed = mail_.auto_kind == MailAutoKind::Receipt && saysDisplayed(tree_.root);
        mail_.stripped_text = replyText(mail_.text, body.html, body.is_text_from_html);
        return std::move(mail_);
    }

private:
    // The charset that the first text says it has.
    static std::string charsetOf(const MessageNode& node, int depth = 0) {
        const HeaderValue type = typeOf(node);
        if (type.value.starts_with("text/") && !type.parameter("charset").empty())
            return type.parameter("charset");
        if (depth > 32 || !node.is_multipart) return "";
        for (const MessageNode& child : node.children) {
            if (std::string found = charsetOf(child, depth + 1); !found.empty()) return found;
        }
        return "";
    }

    // What all raw bytes of the headers look like together: each of them is too short to tell.
    std::string charsetOfHeaders() const {
        std::string together;
        for (const HeaderField& field : tree_.root.headers) {
            if (!isAscii(field.value) && together.size() < 4096) together += field.value + "\n";
        }
        return together.size() < 40 ? "" : detectedCharset(together);
    }

    // Headers with raw bytes are mostly in the charset of the text.
    void readRawHeaders() {
        std::string charset;
        for (HeaderField& field : tree_.root.headers) {
            if (isAscii(field.value) || isUtf8(field.value)) continue;
            if (charset.empty()) charset = lowered(charsetOf(tree_.root));
            if (charset.empty() || charset == "us-ascii" || charset == "utf-8") charset = charsetOfHeaders();
            if (charset.empty() || !isKnownCharset(charset)) return;
            field.value = toUtf8(field.value, charset);
        }
    }

    std::string decoded(std::string_view name) const {
        const std::string* value = tree_.root.find(name);
        return value == nullptr ? "" : decodeHeader(*value);
    }

    // All headers of that name: some programs write several To.
    std::vector<MailAddress> people(std::string_view name) const {
        std::vector<MailAddress> found;
        for (const HeaderField& field : tree_.root.headers) {
            if (!equalsIgnoringCase(field.name, name)) continue;
            for (MailAddress& address : parseAddresses(field.value)) found.push_back(std::move(address));
        }
        return found;
    }

    void readIds() {
        if (const std::string* id = tree_.root.find("message-id")) {
            const auto ids = parseMessageIds(*id);
            std::string whole = unfold(*id);
            std::erase_if(whole, [](char c) { return isSpace(c) || c == '<' || c == '>'; });
            mail_.message_id = ids.empty() ? validUtf8(whole.substr(0, 998)) : ids.front();
        }
        mail_.has_message_id = !mail_.message_id.empty();
        if (!mail_.has_message_id)
            mail_.message_id =
                "sha256." + toHex(hash(HashAlgorithm::Sha256, bytes_)).substr(0, 40) + "@signalbox.invalid";
        if (const std::string* parent = tree_.root.find("in-reply-to")) {
            const auto ids = parseMessageIds(*parent);
            if (!ids.empty()) mail_.in_reply_to = ids.front();
        }
        if (const std::string* references = tree_.root.find("references"))
            mail_.references = parseMessageIds(*references);
        if (const std::string* list = tree_.root.find("list-id")) {
            const std::string value = unfold(*list);
            const auto angle = value.rfind('<');
            const auto end = value.find('>', angle == std::string::npos ? 0 : angle);
            if (angle != std::string::npos && end != std::string::npos)
                mail_.list_id = validUtf8(std::string_view(value).substr(angle + 1, end - angle - 1));
        }
        // Five bytes of time and sixteen of the conversation behind a first one; answers append five each.
        constexpr std::size_t kConversation = 22;
        if (const std::string* index = tree_.root.find("thread-index")) {
            const std::string bytes = decodeLenientBase64(unfold(*index));
            if (bytes.size() >= kConversation) mail_.thread_index = toHex(bytes.substr(0, kConversation));
        }
    }

    void readPeople() {
        mail_.from = people("from");
        mail_.to = people("to");
        mail_.cc = people("cc");
        mail_.bcc = people("bcc");
        mail_.reply_to = people("reply-to");
        const auto senders = people("sender");
        if (!senders.empty()) mail_.sender = senders.front();
        if (const std::string* path = tree_.root.find("return-path")) {
            mail_.return_path = unfold(*path);
            const auto addresses = parseAddresses(*path);
            mail_.return_path =
                addresses.empty() || addresses.front().address.empty() ? "<>" : addresses.front().address;
        }
        for (const HeaderField& field : tree_.root.headers) {
            if (!equalsIgnoringCase(field.name, "delivered-to") &&
                !equalsIgnoringCase(field.name, "x-original-to"))
                continue;
            const auto addresses = parseAddresses(field.value);
            if (!addresses.empty()) mail_.delivered_to = addresses.front().address;
        }
        if (!mail_.from.empty()) return;
        // Somebody sent it: the next best who did.
        if (!senders.empty())
            mail_.from = senders;
        else if (!mail_.reply_to.empty())
            mail_.from = {mail_.reply_to.front()};
        else if (mail_.return_path.size() > 2)
            mail_.from = {{"", mail_.return_path}};
        else if (contains(tree_.envelope_from, "@"))
            mail_.from = {{"", validUtf8(tree_.envelope_from)}};
        mail_.is_from_assumed = !mail_.from.empty();
        if (mail_.is_from_assumed) mail_.warnings.push_back("no From, taken from another header");
    }

    void readDate() {
        if (const std::string* date = tree_.root.find("date")) mail_.date = parseMailDate(*date);
        if (!mail_.date.empty()) return;
        for (const std::string_view name : {"resent-date", "delivery-date", "x-date"}) {
            const std::string* date = tree_.root.find(name);
            if (date == nullptr || (mail_.date = parseMailDate(*date)).empty()) continue;
            mail_.warnings.push_back("no Date, taken from another header");
            return;
        }
        const std::string* received = tree_.root.find("received");
        if (received == nullptr || received->rfind(';') == std::string::npos) return;
        mail_.date = parseMailDate(std::string_view(*received).substr(received->rfind(';') + 1));
        if (!mail_.date.empty()) mail_.warnings.push_back("no Date, taken from Received");
    }

    void readHtml(const std::string& html) {
        SanitizedHtml sanitized = sanitizeHtml(html);
        if (sanitized.links > kMaxLinks) {
            mail_.warnings.push_back("more than 5000 links: shown as text only");
            return;
        }
        mail_.html = validUtf8(sanitized.html);
    }

    std::string_view bytes_;
    MessageTree tree_;
    Mail mail_;
};

}  // namespace

Mail parseMail(std::string_view bytes) {
    return MailReader(bytes).run();
}

}  // namespace signalbox::mime

#include "connectors/email/mime/message_tree.h"

#include <gmime/gmime.h>

#include <algorithm>
#include <memory>
#include <mutex>
#include <unordered_set>
#include <utility>

#include "connectors/email/mime/ascii.h"
#include "connectors/email/mime/header_mend.h"
#include "connectors/email/mime/lenient_base64.h"

namespace signalbox::mime {
namespace {

constexpr std::size_t kMaxParts = 1000;
constexpr int kMaxDepth = 128;
constexpr std::size_t kMaxBlankLines = 1000;
constexpr std::size_t kMaxHeaderBytes = 256 * 1024;
constexpr std::size_t kMaxHeaders = 2000;
constexpr std::size_t kMaxNestedMessages = 200;
constexpr std::size_t kMaxColons = 5000;  // in one header

struct Unref {
    void operator()(void* object) const { g_object_unref(object); }
};
template <class T>
using Ref = std::unique_ptr<T, Unref>;

void startGmime() {
    static std::once_flag once;
    std::call_once(once, [] { g_mime_init(); });
}

// ---- before GMime sees it
// ------------------------------------------------------------------------------------

// Mails of old Macs end lines with CR alone, and some have both kinds in the header.
std::string withLineFeeds(std::string_view mail) {
    std::string out(mail);
    for (std::size_t i = 0; i < out.size(); ++i) {
        if (out[i] == '\r' && (i + 1 == out.size() || out[i + 1] != '\n')) out[i] = '\n';
    }
    return out;
}

// A mail that ends its header lines with CR alone.
bool hasBareReturns(std::string_view mail) {
    const std::string_view head = mail.substr(0, 64 * 1024);
    const auto feed = head.find('\n');
    const auto bare = head.find('\r');
    return bare != std::string_view::npos && bare + 1 < head.size() && head[bare + 1] != '\n' &&
           (feed == std::string_view::npos || bare < feed);
}

// Header values are C strings below.
std::string withoutNulls(std::string_view mail) {
    std::string out(mail);
    for (char& c : out) {
        if (c == '\0') c = '?';
    }
    return out;
}

std::string_view skipMark(std::string_view mail) {
    if (mail.starts_with("\xEF\xBB\xBF")) mail.remove_prefix(3);
    // Empty lines before the head, also of blanks.
    for (;;) {
        const auto text = mail.find_first_not_of(" \t\r");
        if (text == std::string_view::npos || mail[text] != '\n') return mail;
        mail.remove_prefix(text + 1);
    }
}

// «From a@b Thu …» of mbox files, also quoted as «>From».
std::string_view skipEnvelope(std::string_view mail, std::string& from) {
    while (mail.starts_with("From ") || mail.starts_with(">From ")) {
        const auto end = std::min(mail.find('\n'), mail.size());
        const std::string_view line = mail.substr(mail.find(' ') + 1, end - mail.find(' ') - 1);
        if (from.empty()) from = std::string(line.substr(0, line.find(' ')));
        mail.remove_prefix(std::min(end + 1, mail.size()));
    }
    return mail;
}

// GMime makes an object of every delimiter line and reads addresses and parameters as it goes, so what is
// over the limits is cut before: the mail behind too many parts, and the end of headers that are too long.
// Parts that begin with words instead of a head get the empty line without which GMime loses them, and a
// second Content-Type, which GMime would follow and nobody else does, is left out.
class Limiter {
public:
    Limiter(std::string_view mail, std::vector<std::string>& warnings) : mail_(mail), warnings_(warnings) {}

    // Boundaries that stood in the mail at least once.
    const std::unordered_set<std::string>& delimiters() const { return seen_; }

    // The mail, or `changed` when something was cut.
    std::string_view run(std::string& changed) {
        std::size_t at = 0;
        while (at < mail_.size()) {
            const auto end = std::min(mail_.find('\n', at), mail_.size());
            const std::string_view line = mail_.substr(at, end - at);
            const std::size_t next = std::min(end + 1, mail_.size());
            const bool is_first = std::exchange(is_part_begun_, false);
            if (isDelimiter(line)) {
                if (++delimiters_ > 2 * kMaxParts) return cutAt(at, changed);
            } else if (is_first && !trimmed(line).empty() && !isHeaderLine(line)) {
                copyFrom(at, changed);
                changed.push_back('\n');
                is_header_ = false;
            }
            if (is_header_ && !readHeaderLine(line, next - at)) {
                copyFrom(at, changed);
            } else if (is_changed_) {
                changed.append(mail_.substr(at, next - at));
            }
            if (messages_ > kMaxNestedMessages) return cutAt(at, changed);
            at = next;
        }
        // A delimiter at the very end opens an empty part.
        if (is_part_begun_) {
            copyFrom(mail_.size(), changed);
            changed += mail_.ends_with('\n') ? "\n" : "\n\n";
        }
        if (is_cut_) warnings_.push_back("headers cut");
        return is_changed_ ? std::string_view(changed) : mail_;
    }

private:
    std::string_view cutAt(std::size_t at, const std::string& changed) {
        warnings_.push_back("parts over the limit left out");
        return is_changed_ ? std::string_view(changed) : mail_.substr(0, at);
    }

    void copyFrom(std::size_t at, std::string& changed) {
        if (!is_changed_) changed.assign(mail_.substr(0, at));
        is_changed_ = true;
    }

    bool isDelimiter(std::string_view line) {
        if (line.size() < 3 || line.size() > 300 || line[0] != '-' || line[1] != '-') return false;
        const std::string boundary(trimmed(line.substr(2)));
        if (!boundaries_.contains(boundary)) return false;
        seen_.insert(boundary);
        is_header_ = is_part_begun_ = true;
        has_type_ = is_left_out_ = false;
        header_bytes_ = 0;
        return true;
    }

    // False: over the limit, or not to be read.
    bool readHeaderLine(std::string_view line, std::size_t size) {
        if (line.empty() || line == "\r") {
            // The headers of a nested message follow at once.
            is_header_ = std::exchange(is_message_, false);
            has_type_ = is_left_out_ = false;
            header_bytes_ = 0;
            return true;
        }
        // Folded lines of blanks say nothing; GMime moves the whole header for each of them.
        if (trimmed(line).empty() && ++blank_lines_ > kMaxBlankLines) return false;
        const bool is_type = startsIgnoringCase(line, "content-type:");
        const bool is_folded = isSpace(line.front());
        if (!is_folded) is_left_out_ = is_type && std::exchange(has_type_, has_type_ || is_type);
        if (is_left_out_) return false;
        if (is_type && contains(lowered(line.substr(0, 64)), "message/")) {
            is_message_ = true;
            ++messages_;
        }
        if (line.size() < 2000) findBoundary(line);
        // GMime reads the groups of addresses one inside the other.
        colons_ =
            (is_folded ? colons_ : 0) + static_cast<std::size_t>(std::count(line.begin(), line.end(), ':'));
        if (header_bytes_ + size > kMaxHeaderBytes || colons_ > kMaxColons) {
            is_cut_ = true;
            return false;
        }
        header_bytes_ += size;
        return true;
    }

    void findBoundary(std::string_view line) {
        const auto at = lowered(line).find("boundary");
        if (at == std::string::npos || boundaries_.size() > 4 * kMaxParts) return;
        std::string_view value = trimmed(line.substr(at + 8));
        if (!value.starts_with('=')) return;
        value = trimmed(value.substr(1));
        value = value.starts_with('"') ? value.substr(1, value.find('"', 1) - 1)
                                       : value.substr(0, value.find(';'));
        boundaries_.insert(std::string(trimmed(value)));
    }

    std::string_view mail_;
    std::vector<std::string>& warnings_;
    std::unordered_set<std::string> boundaries_, seen_;
    std::size_t blank_lines_ = 0;  // within headers
    std::size_t delimiters_ = 0, messages_ = 0, header_bytes_ = 0, colons_ = 0;
    bool is_header_ = true, is_message_ = false, is_changed_ = false, is_cut_ = false;
    bool is_part_begun_ = false;  // the line before was a delimiter
    bool has_type_ = false, is_left_out_ = false;
};

// GMime's objects read their content from the bytes, which must outlive them.
struct ReadMessage {
    explicit ReadMessage(std::string_view mail)
        : bytes{reinterpret_cast<guint8*>(const_cast<char*>(mail.data())), static_cast<guint>(mail.size())},
          stream(g_mime_stream_mem_new()) {
        g_mime_stream_mem_set_byte_array(GMIME_STREAM_MEM(stream.get()), &bytes);
        // It only reads them and does not own them.
        g_mime_stream_mem_set_owner(GMIME_STREAM_MEM(stream.get()), FALSE);
        const Ref<GMimeParser> parser(g_mime_parser_new_with_stream(stream.get()));
        g_mime_parser_set_persist_stream(parser.get(), TRUE);
        message.reset(g_mime_parser_construct_message(parser.get(), nullptr));
    }

    GByteArray bytes;
    Ref<GMimeStream> stream;
    Ref<GMimeMessage> message;
};

// ---- from GMime's objects to ours
// ----------------------------------------------------------------------------

class TreeBuilder {
public:
    TreeBuilder(std::vector<std::string>& warnings, std::unordered_set<std::string> delimiters)
        : warnings_(warnings), delimiters_(std::move(delimiters)) {}

    MessageNode fromMessage(GMimeMessage* message, int depth) {
        MessageNode node;
        GMimeObject* body = g_mime_message_get_mime_part(message);
        if (body != nullptr) node = fromObject(body, depth);
        // GMime keeps Content-* at the part and the rest at the message.
        std::vector<HeaderField> headers = headersOf(GMIME_OBJECT(message));
        if (body != nullptr) {
            for (HeaderField& field : node.headers) {
                if (startsIgnoringCase(field.name, "content-")) headers.push_back(std::move(field));
            }
        }
        node.headers = std::move(headers);
        return node;
    }

private:
    std::vector<HeaderField> headersOf(GMimeObject* object) {
        std::vector<HeaderField> fields;
        GMimeHeaderList* list = g_mime_object_get_header_list(object);
        const int count = g_mime_header_list_get_count(list);
        std::size_t bytes = 0;
        for (int i = 0; i < count; ++i) {
            GMimeHeader* header = g_mime_header_list_get_header_at(list, i);
            const char* name = g_mime_header_get_name(header);
            const char* value = g_mime_header_get_raw_value(header);
            std::string_view text = value == nullptr ? "" : value;
            if (fields.size() >= kMaxHeaders || bytes > kMaxHeaderBytes) {
                warn("headers cut");
                break;
            }
            if (bytes + text.size() > kMaxHeaderBytes) {
                text = text.substr(0, kMaxHeaderBytes - bytes);
                warn("headers cut");
            }
            bytes += text.size() + 1;
            fields.push_back({name == nullptr ? "" : name, std::string(text)});
        }
        return fields;
    }

    MessageNode fromObject(GMimeObject* object, int depth) {
        MessageNode node;
        node.headers = headersOf(object);
        if (++parts_ > kMaxParts) {
            warn("parts over the limit left out");
            return node;
        }
        if (GMIME_IS_MULTIPART(object)) {
            addParts(node, GMIME_MULTIPART(object), depth);
        } else if (GMIME_IS_MESSAGE_PART(object)) {
            addMessage(node, GMIME_MESSAGE_PART(object), depth);
        } else if (GMIME_IS_MESSAGE_PARTIAL(object) || GMIME_IS_PART(object)) {
            node.content = contentOf(GMIME_PART(object));
            if (isMessage(object) && !node.content.empty() && depth < kMaxDepth)
                addDecodedMessage(node, depth);
        }
        return node;
    }

    void addParts(MessageNode& node, GMimeMultipart* multipart, int depth) {
        node.is_multipart = true;
        const int count = g_mime_multipart_get_count(multipart);
        if (count == 0) {
            const char* text = g_mime_multipart_get_prologue(multipart);
            const char* boundary = g_mime_multipart_get_boundary(multipart);
            // GMime leaves out a part of which only the delimiter stands there.
            if (boundary != nullptr && delimiters_.contains(boundary))
                node.children.push_back({.content = text == nullptr ? "" : text});
            // No delimiter was found: what stands there is the text.
            else if (text != nullptr)
                node.content = text;
        }
        if (depth >= kMaxDepth) {
            warn("parts nested too deep left out");
            return;
        }
        for (int i = 0; i < count && parts_ <= kMaxParts; ++i)
            node.children.push_back(fromObject(g_mime_multipart_get_part(multipart, i), depth + 1));
    }

    static bool isMessage(GMimeObject* object) {
        GMimeContentType* type = g_mime_object_get_content_type(object);
        return g_mime_content_type_is_type(type, "message", "rfc822") != 0 ||
               g_mime_content_type_is_type(type, "message", "global") != 0;
    }

    // A message in base64, which RFC 2046 forbids and people send.
    void addDecodedMessage(MessageNode& node, int depth) {
        std::string cut;
        Limiter limiter(node.content, warnings_);
        const ReadMessage read(limiter.run(cut));
        delimiters_.insert(limiter.delimiters().begin(), limiter.delimiters().end());
        if (read.message == nullptr) return;
        node.children.push_back(fromMessage(read.message.get(), depth + 1));
        node.raw = std::move(node.content);
        node.content.clear();
    }

    void addMessage(MessageNode& node, GMimeMessagePart* part, int depth) {
        GMimeMessage* message = g_mime_message_part_get_message(part);
        if (message == nullptr) {
            node.children.push_back({});
            return;
        }
        if (depth >= kMaxDepth) {
            warn("messages nested too deep left out");
            return;
        }
        const Ref<GMimeStream> stream(g_mime_stream_mem_new());
        if (depth < 4) {
            g_mime_object_write_to_stream(GMIME_OBJECT(message), nullptr, stream.get());
            node.raw = bytesOf(stream.get());
        }
        node.children.push_back(fromMessage(message, depth + 1));
    }

    static std::string_view viewOf(GMimeStream* stream) {
        const GByteArray* bytes = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(stream));
        return {reinterpret_cast<const char*>(bytes->data), bytes->len};
    }
    static std::string bytesOf(GMimeStream* stream) { return std::string(viewOf(stream)); }

    static std::string contentOf(GMimePart* part) {
        GMimeDataWrapper* content = g_mime_part_get_content(part);
        if (content == nullptr) return "";
        const Ref<GMimeStream> stream(g_mime_stream_mem_new());
        const GMimeContentEncoding encoding = g_mime_data_wrapper_get_encoding(content);
        // uuencoded parts keep their «begin» line for the file's name; GMime drops the last bytes of base64
        // that was cut off and reads words behind the padding.
        const bool is_base64 = encoding == GMIME_CONTENT_ENCODING_BASE64;
        if (is_base64 || encoding == GMIME_CONTENT_ENCODING_UUENCODE)
            g_mime_stream_write_to_stream(g_mime_data_wrapper_get_stream(content), stream.get());
        else
            g_mime_data_wrapper_write_to_stream(content, stream.get());
        return is_base64 ? decodeLenientBase64(viewOf(stream.get())) : bytesOf(stream.get());
    }

    void warn(const char* text) {
        if (warnings_.empty() || warnings_.back() != text) warnings_.push_back(text);
    }

    std::vector<std::string>& warnings_;
    std::unordered_set<std::string> delimiters_;
    std::size_t parts_ = 0;
};

}  // namespace

const std::string* MessageNode::find(std::string_view lower_name) const {
    for (const HeaderField& field : headers) {
        if (equalsIgnoringCase(field.name, lower_name)) return &field.value;
    }
    return nullptr;
}

MessageTree readMessageTree(std::string_view mail) {
    startGmime();
    MessageTree tree;
    if (mail.size() > kMaxMailBytes) {
        mail = mail.substr(0, kMaxMailBytes);
        tree.warnings.push_back("mail cut at 64 MiB");
    }
    std::string changed;
    if (hasBareReturns(mail)) mail = changed = withLineFeeds(mail);
    if (const std::string_view head = mail.substr(0, kMaxHeaderBytes);
        contains(head, std::string_view("\0", 1)))
        mail = changed = withoutNulls(mail);
    std::string mended;
    mail = withMendedHead(skipEnvelope(skipMark(mail), tree.envelope_from), mended);
    std::string cut;
    Limiter limiter(mail, tree.warnings);
    mail = limiter.run(cut);
    const ReadMessage read(mail);
    if (read.message == nullptr) {
        tree.root.content = std::string(mail);
        return tree;
    }
    tree.root = TreeBuilder(tree.warnings, limiter.delimiters()).fromMessage(read.message.get(), 0);
    return tree;
}

std::string decodeTransfer(std::string_view bytes, std::string_view encoding) {
    startGmime();
    const std::string name = lowered(trimmed(encoding));
    const GMimeContentEncoding kind = g_mime_content_encoding_from_string(name.c_str());
    if (kind == GMIME_CONTENT_ENCODING_BASE64) return decodeLenientBase64(bytes);
    if (kind != GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE && kind != GMIME_CONTENT_ENCODING_UUENCODE)
        return std::string(bytes);
    GMimeEncoding decoder;
    g_mime_encoding_init_decode(&decoder, kind);
    std::string out(g_mime_encoding_outlen(&decoder, bytes.size()) + 8, '\0');
    out.resize(g_mime_encoding_step(&decoder, bytes.data(), bytes.size(), out.data()));
    return out;
}

}  // namespace signalbox::mime

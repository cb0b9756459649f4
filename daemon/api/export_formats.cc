#include "daemon/api/export_formats.h"

#include "base/clock.h"
#include "base/crypto.h"
#include "daemon/http/response_bytes.h"

namespace signalbox::api {
namespace {

class JsonWriter : public ExportWriter {
public:
    explicit JsonWriter(BodyFile& out) : out_(out) {}
    Status begin(const Json& conversation) override {
        return out_.append("{\"conversation\":" + dumpJson(conversation) + ",\"messages\":[");
    }
    Status message(const Json& message) override {
        return out_.append((std::exchange(is_first_, false) ? "\n" : ",\n") + dumpJson(message));
    }
    Status end() override { return out_.append("\n]}\n"); }

private:
    BodyFile& out_;
    bool is_first_ = true;
};

std::string oneLine(std::string text) {
    for (char& c : text)
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = ' ';
    return text;
}

// RFC 2047 where a header needs it; at most 45 bytes a word.
std::string headerText(const std::string& text) {
    const std::string line = oneLine(text);
    bool is_plain = true;
    for (const char c : line) is_plain &= static_cast<unsigned char>(c) < 0x80;
    if (is_plain) return line;
    std::string out;
    for (std::size_t at = 0; at < line.size();) {
        std::size_t end = std::min(at + 45, line.size());
        while (end < line.size() && end > at && (static_cast<unsigned char>(line[end]) & 0xC0U) == 0x80U)
            --end;
        out += (out.empty() ? "" : "\r\n ") + ("=?UTF-8?B?" + toBase64(line.substr(at, end - at)) + "?=");
        at = end;
    }
    return out;
}

// What an address may hold; anything else becomes a dash.
std::string localPart(const std::string& text) {
    std::string out;
    for (const char c : text)
        out += std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '+' || c == '.' ? c : '-';
    return out.empty() ? "unknown" : out;
}

// A name before an address: in quotes where it is plain (RFC 5322), so that it cannot look like one.
std::string displayName(const std::string& name) {
    const std::string text = headerText(name);
    if (text.starts_with("=?")) return text;
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    return out + '"';
}

class MboxWriter : public ExportWriter {
public:
    explicit MboxWriter(BodyFile& out) : out_(out) {}
    Status begin(const Json& conversation) override {
        conversation_ = conversation;
        return Done{};
    }
    Status message(const Json& message) override {
        const auto at = parseRfc3339(textAt(message, "created_at")).value_or(TimePoint{});
        const std::string date = http::httpDate(at);  // Sat, 21 Nov 2026 07:00:00 GMT
        const Json& peer = memberAt(conversation_, "peer");
        const bool is_in = textAt(message, "direction") == "in";
        const std::string theirs = address(textAt(peer, "value"), textAt(message, "channel"));
        const std::string ours = address(textAt(message, "account"), "account");
        const std::string subject = textAt(conversation_, "subject");
        std::string mail = "From " + (is_in ? theirs : ours) + ' ' + asctime(date) + "\n";
        const auto header = [&](const char* name, const std::string& value) {
            std::string text = value;
            for (auto cr = text.find('\r'); cr != std::string::npos; cr = text.find('\r')) text.erase(cr, 1);
            mail += std::string(name) + ": " + text + "\n";
        };
        header("From", displayName(writerOf(conversation_, message)) + " <" + (is_in ? theirs : ours) + '>');
        header("To", '<' + (is_in ? ours : theirs) + '>');
        header("Date", date.substr(0, date.size() - 3) + "+0000");
        header("Subject",
               headerText(subject.empty() ? "Conversation with " + textAt(conversation_, "person_name")
                                          : subject));
        header("Message-ID", '<' + textAt(message, "id") + "@signalbox.invalid>");
        header("MIME-Version", "1.0");
        header("Content-Type", "text/plain; charset=utf-8");
        header("Content-Transfer-Encoding", "8bit");
        header("X-Signalbox-Status", oneLine(textAt(message, "status")));
        return out_.append(mail + "\n" + quotedBody(bodyOf(message)) + "\n");
    }
    Status end() override { return Done{}; }

private:
    static std::string address(const std::string& value, const std::string& channel) {
        return value.find('@') != std::string::npos && value.find_first_of("<> \r\n") == std::string::npos
                   ? value
                   : localPart(value) + '@' + localPart(channel) + ".invalid";
    }
    // «Sat Nov 21 07:00:00 2026» of the date of HTTP.
    static std::string asctime(const std::string& date) {
        return date.substr(0, 3) + ' ' + date.substr(8, 3) + ' ' + date.substr(5, 2) + ' ' +
               date.substr(17, 8) + ' ' + date.substr(12, 4);
    }
    // «From » at the beginning of a line would begin the next mail (mboxrd).
    static std::string quotedBody(const std::string& body) {
        std::string out;
        for (std::size_t at = 0; at <= body.size();) {
            const auto end = std::min(body.find('\n', at), body.size());
            const std::string line = body.substr(at, end - at);
            const auto first = line.find_first_not_of('>');
            if (first != std::string::npos && line.compare(first, 5, "From ") == 0) out += '>';
            out += line + "\n";
            at = end + 1;
        }
        return out;
    }

    BodyFile& out_;
    Json conversation_;
};

}  // namespace

std::string writerOf(const Json& conversation, const Json& message) {
    const std::string way = textAt(message, "direction");
    if (way == "in") {
        const std::string name = textAt(conversation, "person_name");
        return name.empty() ? textAt(memberAt(conversation, "peer"), "value", "them") : name;
    }
    return way == "internal" ? "Note" : textAt(message, "account", "us");
}

std::string bodyOf(const Json& message) {
    std::string out = textAt(message, "text");
    const std::string type = textAt(message, "type");
    if (out.empty() && type != "text") out = '[' + type + ']';
    if (message.contains("deleted_at")) out = "[deleted]";
    for (const Json& file : memberAt(message, "attachments"))
        out += "\n[" + textAt(file, "kind") + "] " + textAt(file, "filename");
    return out;
}

std::unique_ptr<ExportWriter> makeExportWriter(std::string_view format, BodyFile& out,
                                               const std::string& folder) {
    if (format == "json") return std::make_unique<JsonWriter>(out);
    if (format == "mbox") return std::make_unique<MboxWriter>(out);
    if (format == "pdf") return makePdfWriter(out, folder);
    return nullptr;
}

}  // namespace signalbox::api

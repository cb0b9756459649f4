#include "daemon/api/forwarding.h"

#include <algorithm>
#include <array>
#include <ctime>
#include <map>
#include <set>
#include <vector>

#include "base/clock.h"
#include "base/html_text.h"
#include "hub/model/mail_subject.h"

namespace signalbox::api {
namespace {

// The outbox takes a megabyte of each, with what stands before it.
constexpr std::size_t kMaxPart = 1000 * 1024;
constexpr std::string_view kBegin = "---------- Forwarded message ----------";

std::string atCharacter(std::string text, std::size_t longest) {
    if (text.size() <= longest) return text;
    while (longest > 0 && (static_cast<unsigned char>(text[longest]) & 0xC0) == 0x80) --longest;
    text.resize(longest);
    return text + "\n[…]";
}

// RFC 5322, 3.3: «Thu, 26 Nov 2026 08:00:00 +0000», in English whatever the locale is.
std::string mailDate(const Json& message) {
    static constexpr std::array kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static constexpr std::array kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                           "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const auto at = parseRfc3339(textAt(message, "provider_time", textAt(message, "created_at")));
    if (!at) return "";
    const std::time_t seconds = toMicros(*at) / 1'000'000;
    std::tm parts{};
    ::gmtime_r(&seconds, &parts);
    char text[64];
    std::snprintf(text, sizeof text, "%s, %d %s %d %02d:%02d:%02d +0000",
                  kDays[static_cast<std::size_t>(parts.tm_wday)], parts.tm_mday,
                  kMonths[static_cast<std::size_t>(parts.tm_mon)], parts.tm_year + 1900, parts.tm_hour,
                  parts.tm_min, parts.tm_sec);
    return text;
}

// «Ada <a@x>, b@x»
std::string peopleLine(const Json& people) {
    std::string line;
    for (const Json& one : people) {
        const std::string address = one.is_string() ? one.get<std::string>() : textAt(one, "address");
        const std::string name = textAt(one, "name");
        line += (line.empty() ? "" : ", ") + (name.empty() ? address : name + " <" + address + ">");
    }
    return line;
}

std::vector<std::pair<std::string, std::string>> headLines(const Json& message) {
    const Json& content = memberAt(message, "content");
    std::vector<std::pair<std::string, std::string>> lines;
    const auto add = [&](const char* name, std::string value) {
        if (!value.empty()) lines.emplace_back(name, std::move(value));
    };
    add("From", peopleLine(memberAt(content, "from")));
    add("Date", mailDate(message));
    add("Subject", textAt(content, "subject"));
    add("To", peopleLine(memberAt(content, "to")));
    add("Cc", peopleLine(memberAt(content, "cc")));
    std::string missing;
    for (const Json& file : memberAt(message, "attachments")) {
        if (!textAt(file, "sha256").empty()) continue;
        missing += (missing.empty() ? "" : ", ") + textAt(file, "filename", "a file");
    }
    add("Attachments not included", missing);
    return lines;
}

std::string asHtml(std::string_view text) {
    std::string out;
    for (const char c : escapeHtml(text)) out += c == '\n' ? "<br>\n" : std::string(1, c);
    return out;
}

void replaceAll(std::string& text, const std::string& from, const std::string& to) {
    for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
        text.replace(at, from.size(), to);
}

// What can stand in a Content-ID and in a file's name.
std::string safeName(std::string name) {
    for (char& c : name) {
        const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                              c == '.' || c == '-' || c == '_';
        if (!is_plain) c = '_';
    }
    return name.empty() ? "image" : name;
}

// A mail of ours shows a file inline by its name, one that came by its Content-ID.
void showInline(const Json& message, std::string& html, Json& files) {
    const Json& shown = memberAt(memberAt(message, "content"), "inline");
    if (!shown.is_object()) return;
    // Files that were not fetched are not among `files`.
    std::map<std::size_t, std::size_t> places;
    std::size_t ordinal = 0;
    for (const Json& file : memberAt(message, "attachments")) {
        if (!textAt(file, "sha256").empty()) places.emplace(ordinal, places.size());
        ++ordinal;
    }
    for (const auto& [content_id, number] : shown.items()) {
        if (!number.is_number_integer()) continue;
        const auto place = places.find(number.get<std::size_t>());
        const std::string source = "\"cid:" + escapeHtml(content_id) + '"';
        if (place == places.end() || html.find(source) == std::string::npos) continue;
        Json& file = files[place->second];
        const std::string name =
            "inline" + std::to_string(place->second + 1) + "-" + safeName(textAt(file, "filename"));
        file["filename"] = name;
        replaceAll(html, source, "\"cid:" + name + '"');
    }
}

std::string forwardSubject(const Json& message) {
    std::string subject = textAt(memberAt(message, "content"), "subject");
    if (subject.empty()) subject = "message on " + textAt(message, "channel");
    return parseSubject(subject).is_forward ? subject : "Fwd: " + subject;
}

}  // namespace

Json forwardedFiles(const Json& message) {
    Json files = Json::array();
    for (const Json& file : memberAt(message, "attachments")) {
        if (textAt(file, "sha256").empty()) continue;
        files.push_back({{"kind", textAt(file, "kind")},
                         {"sha256", textAt(file, "sha256")},
                         {"mime", textAt(file, "mime")},
                         {"filename", textAt(file, "filename")}});
    }
    return files;
}

Json forwardedMail(const Json& message, const ForwardComment& comment) {
    const std::string original = atCharacter(textAt(message, "text"), kMaxPart - comment.text.size());
    std::string html = textAt(memberAt(message, "content"), "html");
    const bool is_too_long = html.size() + comment.html.size() + comment.text.size() * 5 > kMaxPart;
    if (is_too_long) html.clear();
    const bool has_html = !html.empty() || !comment.html.empty();
    if (html.empty()) html = "<div style=\"white-space:pre-wrap\">" + escapeHtml(original) + "</div>";

    std::string text = comment.text.empty() ? "" : comment.text + "\n\n";
    std::string head = "<div>" + std::string(kBegin) + "<br>\n";
    text += std::string(kBegin) + '\n';
    for (const auto& [name, value] : headLines(message)) {
        text += name + ": " + value + '\n';
        head += name + ": " + escapeHtml(value) + "<br>\n";
    }
    text += '\n' + original;

    Json files = forwardedFiles(message);
    Json request = {{"type", "email"}, {"subject", forwardSubject(message)}, {"text", text}};
    if (has_html) {
        showInline(message, html, files);
        const std::string ours = comment.html.empty() ? asHtml(comment.text) : comment.html;
        request["html"] =
            (ours.empty() ? "" : "<div>" + ours + "</div>\n<br>\n") + head + "</div>\n<br>\n" + html;
    }
    if (!files.empty()) request["attachments"] = std::move(files);
    return request;
}

}  // namespace signalbox::api

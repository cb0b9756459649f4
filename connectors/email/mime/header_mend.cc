#include "connectors/email/mime/header_mend.h"

#include <algorithm>

#include "connectors/email/mime/ascii.h"

namespace signalbox::mime {
namespace {

constexpr std::size_t kMaxHead = 256 * 1024;
constexpr int kLinesAhead = 3;

std::string_view lineAt(std::string_view text, std::size_t at) {
    std::string_view line = text.substr(at, std::min(text.find('\n', at), text.size()) - at);
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
}

std::size_t nextLine(std::string_view text, std::size_t at) {
    return std::min(text.find('\n', at), text.size() - 1) + 1;
}

bool isHeader(std::string_view line) {
    const auto colon = line.find(':');
    if (colon == std::string_view::npos || colon == 0) return false;
    std::string_view name = line.substr(0, colon);
    while (!name.empty() && (name.back() == ' ' || name.back() == '\t')) name.remove_suffix(1);
    return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) { return c > 32 && c < 127; });
}

// «Größe: 3»: a header whose name nobody can read.
bool isUnreadableHeader(std::string_view line) {
    const auto colon = line.find(':');
    return colon != std::string_view::npos && colon > 0 && line.find_first_of(" \t") > colon &&
           std::any_of(line.begin(), line.begin() + static_cast<std::ptrdiff_t>(colon),
                       [](char c) { return (c & 0x80) != 0; });
}

bool isEnvelope(std::string_view line) {
    return line.starts_with("From ") || line.starts_with(">From ");
}

// One of the next lines is a header that every mail has: the head goes on.
bool goesOn(std::string_view text, std::size_t at) {
    for (int i = 0; i < kLinesAhead && at < text.size(); ++i, at = nextLine(text, at)) {
        const std::string_view line = lineAt(text, at);
        if (line.empty() || line.starts_with("--")) return false;
        for (const std::string_view name :
             {"from:", "to:", "subject:", "date:", "message-id:", "mime-version:", "received:", "x-",
              "cc:", "reply-to:", "return-path:", "content-type:", "in-reply-to:", "references:"}) {
            if (startsIgnoringCase(line, name) && isHeader(line)) return true;
        }
    }
    return false;
}

}  // namespace

bool isHeaderLine(std::string_view line) {
    return isHeader(line);
}

std::string_view withMendedHead(std::string_view mail, std::string& changed) {
    std::string head;
    std::size_t at = 0, copied = 0;
    bool is_changed = false;
    const auto keepUntil = [&](std::size_t end) {
        head.append(mail.substr(copied, end - copied));
        copied = end;
        is_changed = true;
    };
    std::size_t indent = 0;
    while (indent < mail.size() && (mail[indent] == ' ' || mail[indent] == '\t')) ++indent;
    if (indent > 0 && isHeader(lineAt(mail, indent))) {
        is_changed = true;
        copied = at = indent;
    }
    const std::size_t first = at;
    for (; at < std::min(mail.size(), kMaxHead); at = nextLine(mail, at)) {
        const std::string_view line = lineAt(mail, at);
        if (line.empty()) break;
        if (isHeader(line) || (at > first && (line.front() == ' ' || line.front() == '\t'))) continue;
        if (at == first) {
            // What has no header at all is text; a line of something else may stand before the head.
            const std::size_t second = nextLine(mail, at);
            if (!isHeader(lineAt(mail, second)) || !goesOn(mail, second)) return mail;
            is_changed = true;
            copied = second;
            continue;
        }
        const std::size_t next = nextLine(mail, at);
        keepUntil(at);
        // The first part begins although no empty line ended the head.
        const bool is_unreadable = isUnreadableHeader(line);
        if (!line.starts_with("--") && (is_unreadable || goesOn(mail, next))) {
            if (isEnvelope(line) || is_unreadable)
                copied = next;
            else
                head += ' ';
            continue;
        }
        head += '\n';
        break;
    }
    if (!is_changed) return mail;
    head.append(mail.substr(copied));
    changed = std::move(head);
    return changed;
}

}  // namespace signalbox::mime

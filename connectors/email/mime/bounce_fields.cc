#include "connectors/email/mime/bounce_fields.h"

#include "connectors/email/mime/ascii.h"
#include "connectors/email/mime/auto_kind.h"
#include "connectors/email/mime/header_text.h"
#include "connectors/email/mime/mail_body.h"

namespace signalbox::mime {
namespace {

constexpr std::size_t kMaxGroups = 2000;

bool isFieldName(std::string_view name) {
    if (name.empty() || name.size() > 80) return false;
    for (const char c : name) {
        if (!isLetter(c) && !isDigit(c) && c != '-' && c != '_') return false;
    }
    return true;
}

std::string idIn(const std::string* header) {
    if (header == nullptr) return "";
    const auto ids = parseMessageIds(*header);
    return ids.empty() ? "" : ids.front();
}

// The first attached message, or part with headers only.
std::string idInParts(const MessageNode& node, int depth) {
    if (depth > 32) return "";
    if (!node.is_multipart && !node.children.empty()) return idIn(node.children.front().find("message-id"));
    const std::string type = typeOf(node).value;
    if (type.ends_with("rfc822-headers") || type == "message/global-headers" || type == "message/global" ||
        type == "message/rfc822" || type == "text/rfc822" || type == "message/partial") {
        for (const FieldGroup& group : readFieldGroups(node.content)) {
            if (const std::string id = group.value("message-id"); !id.empty()) return idIn(&id);
        }
    }
    for (const MessageNode& child : node.children) {
        if (std::string id = idInParts(child, depth + 1); !id.empty()) return id;
    }
    return "";
}

}  // namespace

std::string FieldGroup::value(std::string_view name) const {
    for (const HeaderField& field : fields) {
        if (equalsIgnoringCase(field.name, name)) return joinedSpaces(field.value);
    }
    return "";
}

bool FieldGroup::has(std::string_view name) const {
    for (const HeaderField& field : fields) {
        if (equalsIgnoringCase(field.name, name)) return true;
    }
    return false;
}

std::vector<FieldGroup> readFieldGroups(std::string_view text) {
    std::vector<FieldGroup> groups(1);
    for (const std::string_view line : linesOf(text)) {
        if (trimmed(line).empty()) {
            if (!groups.back().fields.empty() && groups.size() < kMaxGroups) groups.emplace_back();
            continue;
        }
        if (isSpace(line.front())) {
            if (!groups.back().fields.empty())
                groups.back().fields.back().value += ' ' + std::string(trimmed(line));
            continue;
        }
        const auto colon = line.find(':');
        if (colon == std::string_view::npos || !isFieldName(trimmed(line.substr(0, colon)))) {
            // A diagnosis that was broken without its indent.
            if (!groups.back().fields.empty() &&
                equalsIgnoringCase(groups.back().fields.back().name, "diagnostic-code"))
                groups.back().fields.back().value += ' ' + std::string(trimmed(line));
            continue;
        }
        groups.back().fields.push_back(
            {std::string(trimmed(line.substr(0, colon))), std::string(trimmed(line.substr(colon + 1)))});
    }
    if (groups.back().fields.empty()) groups.pop_back();
    return groups;
}

std::string originalMessageId(const MessageNode& root, std::string_view quoted) {
    if (std::string id = idInParts(root, 0); !id.empty()) return id;
    for (const std::string_view raw : linesOf(quoted)) {
        std::string_view line = trimmed(raw);
        while (!line.empty() && (line.front() == '>' || line.front() == '|' || line.front() == ' '))
            line.remove_prefix(1);
        if (!startsIgnoringCase(line, "message-id:")) continue;
        const auto ids = parseMessageIds(line.substr(11));
        if (!ids.empty()) return ids.front();
    }
    return "";
}

}  // namespace signalbox::mime

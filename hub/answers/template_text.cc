#include "hub/answers/template_text.h"

#include "base/html_text.h"

#include <algorithm>

namespace signalbox {
namespace {

constexpr std::string_view kOpen = "{{", kClose = "}}";
constexpr std::size_t kLongestName = 100;

std::string_view trimmed(std::string_view text) {
    const auto begin = text.find_first_not_of(' ');
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(' ') - begin + 1);
}

bool isName(std::string_view name) {
    if (name.empty() || name.size() > kLongestName || name.front() == '.' || name.back() == '.') return false;
    return std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
               c == '.';
    });
}

struct Placeholder {
    std::string_view name, fallback;
    bool has_fallback = false;
};
Placeholder readPlaceholder(std::string_view inside) {
    const auto bar = inside.find('|');
    if (bar == std::string_view::npos) return {trimmed(inside), {}, false};
    return {trimmed(inside.substr(0, bar)), trimmed(inside.substr(bar + 1)), true};
}

// Gives the words between placeholders and the placeholders in turn. Invalid when they are not well-formed.
template <class OnText, class OnPlaceholder>
Status walk(std::string_view text, OnText onText, OnPlaceholder onPlaceholder) {
    while (!text.empty()) {
        const auto open = text.find(kOpen);
        onText(text.substr(0, open));
        if (open == std::string_view::npos) return Done{};
        const auto close = text.find(kClose, open);
        if (close == std::string_view::npos)
            return Error{ErrorKind::Invalid, "a {{ has no }} behind it", {}, "invalid_request"};
        const Placeholder placeholder = readPlaceholder(text.substr(open + 2, close - open - 2));
        if (!isName(placeholder.name)) {
            return Error{ErrorKind::Invalid,
                         "{{" + std::string(placeholder.name.substr(0, 50)) +
                             "}}: a variable's name has letters, digits, _ and dots",
                         {},
                         "invalid_request"};
        }
        onPlaceholder(placeholder);
        text.remove_prefix(close + 2);
    }
    return Done{};
}

// person.name: the member of a member. A name with dots may also stand as it is.
std::string valueOf(const Json& values, std::string_view name) {
    const Json* at = &memberAt(values, name);
    if (at->is_null()) {
        at = &values;
        for (std::string_view rest = name; !rest.empty();) {
            const auto dot = std::min(rest.find('.'), rest.size());
            at = &memberAt(*at, rest.substr(0, dot));
            rest.remove_prefix(std::min(dot + 1, rest.size()));
        }
    }
    if (at->is_string()) return at->get<std::string>();
    if (at->is_number() || at->is_boolean()) return dumpJson(*at);
    return "";
}

void append(std::string& out, std::string_view text, Escaping escaping) {
    out += escaping == Escaping::None ? std::string(text) : escapeHtml(text);
}

}  // namespace

Result<std::vector<std::string>> variablesOf(std::string_view text) {
    std::vector<std::string> names;
    const auto walked = walk(
        text, [](std::string_view) {},
        [&](const Placeholder& placeholder) {
            if (std::find(names.begin(), names.end(), placeholder.name) == names.end())
                names.emplace_back(placeholder.name);
        });
    if (!walked) return walked.error();
    return names;
}

Rendered renderTemplate(std::string_view text, const Json& values, Escaping escaping) {
    Rendered out;
    (void)walk(
        text, [&](std::string_view words) { out.text += words; },
        [&](const Placeholder& placeholder) {
            const std::string value = valueOf(values, placeholder.name);
            if (!value.empty()) return append(out.text, value, escaping);
            if (placeholder.has_fallback) return append(out.text, placeholder.fallback, escaping);
            if (std::find(out.missing.begin(), out.missing.end(), placeholder.name) == out.missing.end())
                out.missing.emplace_back(placeholder.name);
        });
    return out;
}

}  // namespace signalbox

#include "connectors/http/pagination.h"

#include <algorithm>
#include <array>

namespace signalbox::http_account {
namespace {

constexpr std::int64_t kMostPages = 100;
constexpr std::array<std::pair<const char*, Pagination::Mode>, 5> kModes = {
    {{"link", Pagination::Mode::Link},
     {"url", Pagination::Mode::Url},
     {"cursor", Pagination::Mode::Cursor},
     {"page", Pagination::Mode::Page},
     {"offset", Pagination::Mode::Offset}}};
constexpr std::array<std::string_view, 7> kMembers = {"mode",  "items", "next",     "parameter",
                                                      "first", "step",  "max_pages"};

Error invalid(const std::string& what) {
    return {ErrorKind::Invalid, "pagination." + what, {}, "request"};
}

// "data.items": members, one in the other; empty: the value itself.
const Json& valueAt(const Json& value, std::string_view path) {
    const Json* at = &value;
    while (!path.empty()) {
        const auto dot = path.find('.');
        at = &memberAt(*at, path.substr(0, dot));
        path = dot == std::string_view::npos ? "" : path.substr(dot + 1);
    }
    return *at;
}

// <https://api.test/items?page=2>; rel="next", <…>; rel="last"
std::optional<std::string> nextLink(std::string_view header) {
    while (!header.empty()) {
        const auto open = header.find('<'), close = header.find('>');
        if (open == std::string_view::npos || close == std::string_view::npos || close < open) return {};
        const std::string_view url = header.substr(open + 1, close - open - 1);
        header.remove_prefix(close + 1);
        const auto end = std::min(header.find('<'), header.size());
        const std::string_view parameters = header.substr(0, end);
        header.remove_prefix(end);
        if (parameters.find("rel=\"next\"") != std::string_view::npos ||
            parameters.find("rel=next") != std::string_view::npos)
            return std::string(url);
    }
    return {};
}

// Absolute, or from the root of the same server.
std::string resolved(const std::string& current, const std::string& next) {
    if (next.find("://") != std::string::npos || next.empty()) return next;
    const auto host = current.find("://") + 3;
    if (next[0] == '/') return current.substr(0, current.find_first_of("/?#", host)) + next;
    if (next[0] == '?') return current.substr(0, current.find_first_of("?#", host)) + next;
    return "";
}

std::string wordOf(const Json& value) {
    if (value.is_string()) return value.get<std::string>();
    return value.is_number() ? dumpJson(value) : "";
}

}  // namespace

Result<Pagination> readPagination(const Json& given) {
    if (!given.is_object()) return invalid("mode: must be link, url, cursor, page or offset");
    for (const auto& [name, value] : given.items()) {
        if (std::find(kMembers.begin(), kMembers.end(), name) == kMembers.end())
            return invalid(name.substr(0, 40) + ": is no member");
    }
    Pagination out;
    const std::string mode = textAt(given, "mode", "link");
    const auto known =
        std::find_if(kModes.begin(), kModes.end(), [&](const auto& one) { return mode == one.first; });
    if (known == kModes.end()) return invalid("mode: must be link, url, cursor, page or offset");
    out.mode = known->second;
    out.items = textAt(given, "items");
    out.next_path = textAt(given, "next");
    const bool counts = out.mode == Pagination::Mode::Page || out.mode == Pagination::Mode::Offset;
    out.parameter = textAt(given, "parameter", counts ? mode : "");
    out.first = numberAt(given, "first", out.mode == Pagination::Mode::Page ? 1 : 0);
    out.step = numberAt(given, "step", 0);
    out.max_pages = numberAt(given, "max_pages", out.max_pages);
    const bool reads_body = out.mode == Pagination::Mode::Url || out.mode == Pagination::Mode::Cursor;
    if (reads_body && out.next_path.empty()) return invalid("next: the path of it in the body is missing");
    if (out.mode == Pagination::Mode::Cursor && out.parameter.empty())
        return invalid("parameter: the cursor's name in the query is missing");
    if (out.max_pages < 1 || out.max_pages > kMostPages) return invalid("max_pages: a number from 1 to 100");
    if (out.step < 0 || out.first < 0) return invalid("first, step: must not be below 0");
    return out;
}

Result<Json> itemsOf(const Pagination& pagination, const Json& body) {
    const Json& items = valueAt(body, pagination.items);
    if (items.is_array()) return items;
    return Error{ErrorKind::Rejected,
                 "pagination.items: the answer has no list at \"" + pagination.items.substr(0, 80) + '"',
                 {},
                 "no_items"};
}

std::optional<std::string> nextPage(const Pagination& pagination, const std::string& current,
                                    const HttpResponse& response, const Json& body, std::int64_t page,
                                    std::size_t count) {
    std::string next;
    switch (pagination.mode) {
        case Pagination::Mode::Link:
            next = resolved(current, nextLink(response.headers.get("link")).value_or(""));
            break;
        case Pagination::Mode::Url:
            next = resolved(current, wordOf(valueAt(body, pagination.next_path)));
            break;
        case Pagination::Mode::Cursor:
            if (const auto cursor = wordOf(valueAt(body, pagination.next_path)); !cursor.empty())
                next = withParameter(current, pagination.parameter, cursor);
            break;
        case Pagination::Mode::Page:
            if (count > 0)
                next =
                    withParameter(current, pagination.parameter, std::to_string(pagination.first + page + 1));
            break;
        case Pagination::Mode::Offset: {
            const auto step = pagination.step > 0 ? pagination.step : static_cast<std::int64_t>(count);
            const bool is_full = count > 0 && static_cast<std::int64_t>(count) >= step;
            if (is_full)
                next = withParameter(current, pagination.parameter,
                                     std::to_string(pagination.first + (page + 1) * step));
            break;
        }
    }
    if (next.empty() || next == current) return std::nullopt;
    return next;
}

std::string withParameter(const std::string& url, const std::string& name, const std::string& value) {
    const auto mark = url.find('?');
    FormFields kept;
    if (mark != std::string::npos) {
        for (auto& field : parseForm(std::string_view(url).substr(mark + 1)))
            if (field.first != name) kept.push_back(std::move(field));
    }
    kept.emplace_back(name, value);
    return url.substr(0, mark) + '?' + formEncode(kept);
}

}  // namespace signalbox::http_account

#include "daemon/api/partial_response.h"

#include <algorithm>
#include <string>
#include <vector>

namespace signalbox::api {
namespace {

constexpr std::size_t kMostFields = 50;

std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    while (true) {
        const auto end = std::min(text.find(separator), text.size());
        parts.push_back(text.substr(0, end));
        if (end == text.size()) return parts;
        text.remove_prefix(end + 1);
    }
}

bool isName(std::string_view name) {
    return !name.empty() && name.size() <= 100 &&
           name.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") ==
               std::string_view::npos;
}

using Path = std::vector<std::string_view>;

// Lists on the way are gone through, each of their items by itself.
void copy(const Json& from, Json& to, const Path& path, std::size_t at) {
    if (at == path.size()) {
        to = from;
        return;
    }
    if (from.is_array()) {
        if (!to.is_array()) to = Json::array();
        for (std::size_t i = 0; i < from.size(); ++i) {
            if (to.size() <= i) to.push_back(Json::object());
            copy(from[i], to[i], path, at);
        }
        return;
    }
    const std::string name(path[at]);
    if (!from.is_object() || !from.contains(name)) return;
    if (!to.is_object()) to = Json::object();
    copy(from[name], to[name], path, at + 1);
}

Json narrowed(const Json& value, const std::vector<Path>& paths) {
    Json out = Json::object();
    for (const Path& path : paths) copy(value, out, path, 0);
    return out;
}

}  // namespace

Result<Json> onlyFields(const Json& answer, std::string_view fields) {
    std::vector<Path> paths;
    for (const std::string_view field : split(fields, ',')) {
        Path path = split(field, '.');
        if (!std::all_of(path.begin(), path.end(), isName))
            return Error{ErrorKind::Invalid, "fields: names with commas between, like id,status,peer.value"};
        paths.push_back(std::move(path));
    }
    if (paths.size() > kMostFields) return Error{ErrorKind::Invalid, "fields: at most 50"};
    if (!memberAt(answer, "items").is_array()) return narrowed(answer, paths);
    Json out = {{"items", Json::array()}, {"next", memberAt(answer, "next")}};
    for (const Json& item : answer["items"]) out["items"].push_back(narrowed(item, paths));
    return out;
}

}  // namespace signalbox::api

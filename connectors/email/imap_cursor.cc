#include "connectors/email/imap_cursor.h"

#include "base/json.h"

namespace signalbox::email {

std::optional<ImapCursor> parseCursor(const std::string& text) {
    const auto json = parseJson(text);
    if (!json || !memberAt(*json, "folders").is_object()) return std::nullopt;
    ImapCursor cursor;
    cursor.since = parseRfc3339(textAt(*json, "since"));
    for (const auto& [name, folder] : memberAt(*json, "folders").items()) {
        cursor.folders[name] = {static_cast<std::uint32_t>(numberAt(folder, "uidvalidity")),
                                static_cast<std::uint32_t>(numberAt(folder, "next", 1)),
                                static_cast<std::uint64_t>(numberAt(folder, "modseq")),
                                static_cast<std::uint32_t>(numberAt(folder, "news_from"))};
    }
    return cursor;
}

std::string toText(const ImapCursor& cursor) {
    Json folders = Json::object();
    for (const auto& [name, folder] : cursor.folders) {
        folders[name] = {
            {"uidvalidity", folder.uidvalidity}, {"next", folder.next}, {"modseq", folder.modseq}};
        if (folder.news_from > 0) folders[name]["news_from"] = folder.news_from;
    }
    Json json = {{"folders", std::move(folders)}};
    if (cursor.since) json["since"] = toRfc3339(*cursor.since);
    return dumpJson(json);
}

}  // namespace signalbox::email

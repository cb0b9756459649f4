#include "hub/inbox/tags.h"

#include <algorithm>

namespace signalbox {
namespace {

constexpr std::size_t kLongest = 64;
constexpr std::string_view kMake =
    "INSERT INTO tags (id, org, name, color, created_at) VALUES ($1, $2, $3, '', $4)"
    " ON CONFLICT (org, name) DO NOTHING";
constexpr std::string_view kAdd =
    "INSERT INTO taggings (object_kind, object, tag, created_at)"
    " SELECT $1, $2, id, $3 FROM tags WHERE org = $4 AND name = $5"
    " ON CONFLICT (object_kind, object, tag) DO NOTHING";
constexpr std::string_view kRemove =
    "DELETE FROM taggings WHERE object_kind = $1 AND object = $2 AND tag ="
    " (SELECT id FROM tags WHERE org = $3 AND name = $4)";

}  // namespace

Result<std::string> normalizeTag(std::string_view name) {
    const auto isSpace = [](char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; };
    while (!name.empty() && (isSpace(name.front()) || name.front() == '#')) name.remove_prefix(1);
    while (!name.empty() && isSpace(name.back())) name.remove_suffix(1);
    const bool has_control =
        std::any_of(name.begin(), name.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; });
    if (name.empty() || name.size() > kLongest || has_control)
        return Error{ErrorKind::Invalid, "tags: a tag has 1 to 64 bytes and no control characters"};
    std::string out(name);
    std::transform(out.begin(), out.end(), out.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; });
    return out;
}

TagChange changeTagsOf(Tx& tx, Ids& ids, TimePoint now, Id org, std::string_view object_kind, Id object,
                       const std::vector<std::string>& add, const std::vector<std::string>& remove) {
    TagChange change;
    for (const std::string& name : add) {
        if (tx.query("SELECT 1 FROM tags WHERE org = $1 AND name = $2", {org, name}).empty())
            tx.exec(kMake, {ids.next(), org, name, toMicros(now)});
        if (tx.exec(kAdd, {object_kind, object, toMicros(now), org, name}) == 1) change.added.push_back(name);
    }
    for (const std::string& name : remove) {
        if (tx.exec(kRemove, {object_kind, object, org, name}) == 1) change.removed.push_back(name);
    }
    return change;
}

Json tagsOf(Reader& reader, std::string_view object_kind, Id object) {
    Json names = Json::array();
    for (const Row& row : reader.query("SELECT t.name FROM taggings g JOIN tags t ON t.id = g.tag"
                                       " WHERE g.object_kind = $1 AND g.object = $2 ORDER BY t.name",
                                       {object_kind, object}))
        names.push_back(row.text(0));
    return names;
}

Json listTags(Reader& reader, const Visibility& view) {
    Json items = Json::array();
    std::vector<Value> values{view.org()};
    std::string seen = "TRUE";
    // A tag that only a private mailbox uses is a word of that mailbox.
    if (!view.othersAccounts(reader).empty())
        seen =
            "NOT EXISTS (SELECT 1 FROM conversations c WHERE c.id = CASE g.object_kind WHEN 'message' THEN"
            " (SELECT m.conversation FROM messages m WHERE m.id = g.object) ELSE g.object END AND " +
            view.isOthers("c", values) + ")";
    const std::string sql =
        "SELECT t.name, t.created_at, (SELECT COUNT(*) FROM taggings g WHERE g.tag = t.id AND " + seen +
        ") FROM tags t WHERE t.org = $1 AND (NOT EXISTS (SELECT 1 FROM taggings g WHERE g.tag = t.id)"
        " OR EXISTS (SELECT 1 FROM taggings g WHERE g.tag = t.id AND " +
        seen + ")) ORDER BY t.name LIMIT 1000";
    for (const Row& row : reader.query(sql, std::span<const Value>(values))) {
        items.push_back({{"name", row.text(0)},
                         {"created_at", toRfc3339(fromMicros(row.integer(1)))},
                         {"uses", row.integer(2)}});
    }
    return items;
}

}  // namespace signalbox

#include "hub/files/gallery.h"

#include <limits>

namespace signalbox {
namespace {

constexpr std::size_t kMostOfMessage = 32;

// Ids of files and messages are given in the order of time by the same hand, so they sort together.
std::string sqlFor(const FileViewer& viewer, const SeenRows& seen, std::vector<Value>& values) {
    std::string sql =
        "SELECT f.id AS item, -1 AS ordinal, f.name, f.mime, f.kind, f.size, f.created_at FROM files f"
        " WHERE f.org = $1 AND f.deleted_at IS NULL AND f.id < $2 AND f.project IN ($3, $4)" +
        seenFiles(viewer, values);
    sql +=
        " UNION ALL SELECT m.id AS item, a.ordinal AS ordinal, a.filename, a.mime, a.kind, a.size, "
        "m.created_at"
        " FROM object_links l JOIN messages m ON m.conversation = l.subject"
        " JOIN conversations c ON c.id = m.conversation JOIN attachments a ON a.message = m.id"
        " WHERE l.org = $1 AND l.object_kind = $5 AND l.object_id = $6 AND l.subject_kind = 'conversation'"
        " AND a.state = 'fetched' AND m.deleted_scope = '' AND m.id < $2 AND " +
        seen(values);
    return sql + " ORDER BY item DESC, ordinal LIMIT $7";
}

Json itemFrom(const Row& row) {
    const bool is_file = row.integer(1) < 0;
    const std::string id = idText(is_file ? kFileId : kMessageId, row.integer(0));
    const std::string path =
        is_file ? "/api/v1/files/" + id
                : "/api/v1/messages/" + id + "/attachments/" + std::to_string(row.integer(1));
    return {{is_file ? "file_id" : "message_id", id},
            {"name", row.text(2)},
            {"mime", row.text(3)},
            {"kind", row.text(4)},
            {"size", row.integer(5)},
            {"created_at", toRfc3339(fromMicros(row.integer(6)))},
            {"content", path + "/content"},
            {"thumbnail", path + "/thumbnail"}};
}

}  // namespace

PageOfItems listGallery(Store& store, const FileViewer& viewer, const SeenRows& seen, const GalleryOf& object,
                        const PageRequest& page) {
    const std::string name = object.kind + ':' + object.id;
    const std::string bare = object.kind == "project" ? object.id : name;
    std::vector<Value> values{viewer.org,
                              page.before == 0 ? std::numeric_limits<Id>::max() : page.before,
                              std::string_view(name),
                              std::string_view(bare),
                              std::string_view(object.kind),
                              std::string_view(object.id),
                              static_cast<std::int64_t>(page.limit + kMostOfMessage)};
    const std::string sql = sqlFor(viewer, seen, values);
    PageOfItems found;
    store.read([&](Reader& reader) {
        Id last = 0;
        for (const Row& row : reader.query(sql, std::span<const Value>(values))) {
            if (found.items.size() >= page.limit && row.integer(0) != last) {
                found.next = last;
                return;
            }
            last = row.integer(0);
            found.items.push_back(itemFrom(row));
        }
    });
    return found;
}

}  // namespace signalbox

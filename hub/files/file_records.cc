#include "hub/files/file_records.h"

#include <limits>

#include "base/crypto.h"
#include "hub/files/blob_marks.h"
#include "hub/model/actor.h"

namespace signalbox {
namespace {

constexpr std::string_view kColumns =
    "f.id, f.org, f.series, f.version, f.sha256, f.size, f.name, f.mime, f.kind, f.access, f.project, f.scan,"
    " f.owner_user, f.owner_token, f.created_at, f.revision";
constexpr std::string_view kInsert =
    "INSERT INTO files (id, org, series, version, sha256, size, name, mime, kind, access, project, "
    "owner_user,"
    " owner_token, scan, text, created_at) VALUES"
    " ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)";
constexpr std::string_view kNextVersion =
    "SELECT COALESCE(MAX(version), 0) + 1 FROM files WHERE org = $1 AND series = $2";
constexpr std::string_view kInsertTag =
    "INSERT INTO file_tags (file, tag) VALUES ($1, $2) ON CONFLICT (file, tag) DO NOTHING";
constexpr std::string_view kUsed =
    "SELECT COALESCE(SUM(size), 0) FROM (SELECT sha256, size FROM files WHERE org = $1 AND deleted_at IS NULL"
    " GROUP BY sha256, size) sizes";

FileRecord fromRow(const Row& row) {
    FileRecord file;
    file.id = row.integer(0);
    file.org = row.integer(1);
    file.series = row.integer(2);
    file.version = row.integer(3);
    file.sha256 = row.text(4);
    file.size = row.integer(5);
    file.name = row.text(6);
    file.mime = row.text(7);
    file.kind = row.text(8);
    file.access = row.text(9);
    file.project = row.text(10);
    file.scan = row.text(11);
    file.owner_user = row.integer(12);
    file.owner_token = row.integer(13);
    file.created_at = fromMicros(row.integer(14));
    file.revision = row.integer(15);
    return file;
}

// Who does not see everything has his own files, the public ones, and of the restricted ones those of objects
// that conversations of his are about. A project is «kind:id», or the id alone for the kind project.
std::string ofSeenObject(const FileViewer& viewer, std::vector<Value>& values) {
    return "EXISTS (SELECT 1 FROM object_links l JOIN conversations c ON c.id = l.subject WHERE l.org = "
           "f.org AND"
           " l.subject_kind = 'conversation' AND (l.object_kind || ':' || l.object_id = f.project OR"
           " (l.object_kind = 'project' AND l.object_id = f.project)) AND " +
           viewer.conversations(values) + ")";
}

std::string seenBy(const FileViewer& viewer, std::vector<Value>& values) {
    if (viewer.sees_everything) {
        values.push_back(viewer.user);
        const std::string user = std::to_string(values.size());
        values.push_back(viewer.token);
        return " AND (f.access <> 'own' OR (f.owner_user <> 0 AND f.owner_user = $" + user +
               ") OR (f.owner_user = 0 AND f.owner_token = $" + std::to_string(values.size()) + "))";
    }
    const bool is_user = viewer.user != 0;
    values.push_back(is_user ? viewer.user : viewer.token);
    std::string sql = is_user ? " AND (f.access = 'public' OR f.owner_user = $"
                              : " AND (f.access = 'public' OR f.owner_user = 0 AND f.owner_token = $";
    sql += std::to_string(values.size());
    if (viewer.conversations)
        sql += " OR (f.access = 'restricted' AND f.project <> '' AND " + ofSeenObject(viewer, values) + ')';
    return sql + ')';
}

std::string hashOf(std::string_view secret) {
    return toHex(hash(HashAlgorithm::Sha256, secret));
}

std::string select(std::string_view where) {
    return "SELECT " + std::string(kColumns) + " FROM files f WHERE f.deleted_at IS NULL AND " +
           std::string(where);
}

Json authorJson(Id user, Id token) {
    if (user != 0) return idText("usr", user);
    return token != 0 ? Json(idText(kTokenId, token)) : Json(nullptr);
}

void insertTags(Tx& tx, Id file, const std::vector<std::string>& tags) {
    for (const std::string& tag : tags) tx.exec(kInsertTag, {file, tag});
}

Json plainJson(const FileRecord& file) {
    return {{"id", idText(kFileId, file.id)},
            {"series_id", idText(kFileId, file.series)},
            {"version", file.version},
            {"name", file.name},
            {"mime", file.mime},
            {"kind", file.kind},
            {"size", file.size},
            {"sha256", file.sha256},
            {"access", file.access},
            {"project", file.project},
            {"scan", file.scan},
            {"owner", authorJson(file.owner_user, file.owner_token)},
            {"revision", file.revision},
            {"created_at", toRfc3339(file.created_at)}};
}

Json tagsOf(Reader& reader, Id file) {
    Json tags = Json::array();
    for (const Row& row : reader.query("SELECT tag FROM file_tags WHERE file = $1 ORDER BY tag", {file}))
        tags.push_back(row.text(0));
    return tags;
}

Json describeWith(Reader& reader, const FileRecord& file) {
    Json out = plainJson(file);
    out["tags"] = tagsOf(reader, file.id);
    return out;
}

// In the commit, so that two at once do not both find room, and an upload becomes one file.
Status admit(Tx& tx, const FileRecord& record, const NewFile& file) {
    if (file.quota_bytes > 0) {
        // One after the other within the organization, also over several nodes.
        tx.exec("UPDATE orgs SET name = name WHERE id = $1", {record.org});
        const bool is_here = !tx.query(
                                    "SELECT 1 FROM files WHERE org = $1 AND sha256 = $2 AND deleted_at IS"
                                    " NULL LIMIT 1",
                                    {record.org, record.sha256})
                                  .empty();
        const std::int64_t more = is_here ? 0 : record.size;
        if (tx.query(kUsed, {record.org}).at(0).integer(0) + more > file.quota_bytes) return quotaReached();
    }
    if (file.upload != 0 &&
        tx.exec("UPDATE uploads SET file = $1 WHERE id = $2 AND file = 0", {record.id, file.upload}) == 0)
        return Error{ErrorKind::Conflict, "this upload became a file already", {}, "upload_finished"};
    return Done{};
}

}  // namespace

Error quotaReached() {
    return {
        ErrorKind::Rejected, "file: the organization's files would be over its quota", {}, "quota_reached"};
}

std::string seenFiles(const FileViewer& viewer, std::vector<Value>& values) {
    return seenBy(viewer, values);
}

Secret newLinkSecret() {
    return Secret(toBase64Url(randomBytes(24)));
}

Result<FileRecord> FileRecords::add(const FileViewer& viewer, const NewFile& file) {
    FileRecord record;
    record.id = record.series = ids_.next();
    record.org = viewer.org;
    if (file.version_of != 0) {
        const auto earlier = find(viewer, file.version_of);
        if (!earlier) return Error{ErrorKind::NotFound, "no such file", {}, "not_found"};
        record.series = earlier->series;
    }
    record.sha256 = file.blob.sha256;
    record.size = file.blob.size;
    record.name = file.name;
    record.mime = file.type.mime;
    record.kind = file.type.kind;
    record.access = file.access;
    record.project = file.project;
    record.scan = file.scan;
    record.owner_user = viewer.user;
    record.owner_token = viewer.token;
    record.created_at = clock_.now();
    Status refused = Done{};
    const Status written = store_.writeAndWait([&](Tx& tx) {
        refused = admit(tx, record, file);
        if (!refused) return;
        unmarkBlob(tx, record.sha256);
        record.version = tx.query(kNextVersion, {record.org, record.series}).at(0).integer(0);
        tx.exec(kInsert,
                {record.id, record.org, record.series, record.version, record.sha256, record.size,
                 record.name, record.mime, record.kind, record.access, record.project, record.owner_user,
                 record.owner_token, record.scan, file.text, toMicros(record.created_at)});
        insertTags(tx, record.id, file.tags);
        tell(tx, record, "file.created");
    });
    if (!written) return written.error();
    if (!refused) return refused.error();
    return record;
}

std::int64_t FileRecords::used(Id org) const {
    std::int64_t bytes = 0;
    store_.read([&](Reader& reader) { bytes = reader.query(kUsed, {org}).at(0).integer(0); });
    return bytes;
}

std::optional<FileRecord> FileRecords::findIn(Reader& reader, const FileViewer& viewer, Id file) {
    std::vector<Value> values{viewer.org, file};
    const std::string sql = select("f.org = $1 AND f.id = $2") + seenBy(viewer, values);
    const Rows rows = reader.query(sql, std::span<const Value>(values));
    return rows.empty() ? std::nullopt : std::optional(fromRow(rows[0]));
}

std::optional<FileRecord> FileRecords::find(const FileViewer& viewer, Id file) const {
    std::optional<FileRecord> found;
    store_.read([&](Reader& reader) { found = findIn(reader, viewer, file); });
    return found;
}

std::optional<FileRecord> FileRecords::findContent(Reader& reader, const FileViewer& viewer,
                                                   std::string_view sha256) {
    std::vector<Value> values{sha256, viewer.org};
    const std::string sql =
        select("f.sha256 = $1 AND f.org = $2") + seenBy(viewer, values) + " ORDER BY f.id DESC LIMIT 1";
    const Rows rows = reader.query(sql, std::span<const Value>(values));
    return rows.empty() ? std::nullopt : std::optional(fromRow(rows[0]));
}

std::optional<FileRecord> FileRecords::findByLink(std::string_view secret) const {
    std::optional<FileRecord> found;
    const std::string hash = hashOf(secret);
    store_.read([&](Reader& reader) {
        const Rows links = reader.query("SELECT org, file, expires_at FROM file_links WHERE hash = $1",
                                        {std::string_view(hash)});
        if (links.empty()) return;
        if (!links[0].isNull(2) && links[0].integer(2) <= toMicros(clock_.now())) return;
        const Rows rows =
            reader.query(select("f.org = $1 AND f.id = $2"), {links[0].integer(0), links[0].integer(1)});
        if (!rows.empty()) found = fromRow(rows[0]);
    });
    return found;
}

Json FileRecords::list(const FileViewer& viewer, const FileFilter& filter, std::optional<Id>& next) const {
    std::string where = "f.org = $1 AND f.id < $2";
    std::vector<Value> values{viewer.org,
                              filter.before == 0 ? std::numeric_limits<Id>::max() : filter.before};
    const auto add = [&](const std::string& condition, Value value, const char* after = "") {
        values.push_back(value);
        where += " AND " + condition + " $" + std::to_string(values.size()) + after;
    };
    if (!filter.project.empty()) add("f.project =", std::string_view(filter.project));
    if (!filter.kind.empty()) add("f.kind =", std::string_view(filter.kind));
    if (!filter.name.empty()) add("f.name =", std::string_view(filter.name));
    if (!filter.tag.empty())
        add("f.id IN (SELECT file FROM file_tags WHERE tag =", std::string_view(filter.tag), ")");
    where += seenBy(viewer, values);
    where += " ORDER BY f.id DESC LIMIT " + std::to_string(filter.limit + 1);
    Json items = Json::array();
    store_.read([&](Reader& reader) {
        Rows rows = reader.query(select(where), std::span<const Value>(values));
        if (rows.size() > filter.limit) {
            rows.erase(rows.begin() + static_cast<std::ptrdiff_t>(filter.limit), rows.end());
            next = rows.back().integer(0);
        }
        for (const Row& row : rows) items.push_back(describeWith(reader, fromRow(row)));
    });
    return items;
}

Json FileRecords::versions(const FileViewer& viewer, const FileRecord& file) const {
    std::vector<Value> values{file.org, file.series};
    const std::string sql =
        select("f.org = $1 AND f.series = $2" + seenBy(viewer, values) + " ORDER BY f.version DESC");
    Json items = Json::array();
    store_.read([&](Reader& reader) {
        for (const Row& row : reader.query(sql, std::span<const Value>(values)))
            items.push_back(describeWith(reader, fromRow(row)));
    });
    return items;
}

Json FileRecords::describe(const FileRecord& file) const {
    Json out;
    store_.read([&](Reader& reader) { out = describeWith(reader, file); });
    return out;
}

Status FileRecords::change(const FileRecord& file, const Changes& changes) {
    FileRecord after = file;
    after.name = changes.name.value_or(file.name);
    after.access = changes.access.value_or(file.access);
    after.project = changes.project.value_or(file.project);
    Status refused = Done{};
    const Status written = store_.writeAndWait([&](Tx& tx) {
        const Rows now = tx.query("SELECT revision FROM files WHERE id = $1", {file.id});
        refused = Edit{{}, changes.revision}.check(now.at(0).integer(0));
        if (!refused) return;
        after.revision = now[0].integer(0) + 1;
        tx.exec("UPDATE files SET name = $1, access = $2, project = $3, revision = $4 WHERE id = $5",
                {after.name, after.access, after.project, after.revision, file.id});
        if (changes.tags) {
            tx.exec("DELETE FROM file_tags WHERE file = $1", {file.id});
            insertTags(tx, file.id, *changes.tags);
        }
        tell(tx, after, "file.changed");
    });
    return written ? refused : written;
}

Status FileRecords::remove(const FileRecord& file) {
    return store_.writeAndWait([&](Tx& tx) {
        if (tx.exec("UPDATE files SET deleted_at = $1 WHERE id = $2 AND deleted_at IS NULL",
                    {toMicros(clock_.now()), file.id}) == 0)
            return;
        tx.exec("DELETE FROM file_links WHERE file = $1", {file.id});
        tell(tx, file, "file.deleted");
    });
}

Status FileRecords::markScanned(const FileRecord& file, const std::string& scan) {
    return store_.writeAndWait([&](Tx& tx) {
        tx.exec("UPDATE files SET scan = $1 WHERE sha256 = $2 AND scan = 'pending'", {scan, file.sha256});
        if (scan != "infected") return;
        FileRecord told = file;
        told.scan = scan;
        tell(tx, told, "file.infected");
    });
}

std::string FileRecords::scanOf(const std::string& sha256) const {
    std::string scan;
    store_.read([&](Reader& reader) {
        const Rows rows =
            reader.query("SELECT scan FROM blob_scans WHERE sha256 = $1", {std::string_view(sha256)});
        if (!rows.empty()) scan = rows[0].text(0);
    });
    return scan;
}

Status FileRecords::noteScan(const std::string& sha256, const std::string& scan) {
    return store_.writeAndWait([&](Tx& tx) {
        tx.exec(
            "INSERT INTO blob_scans (sha256, scan, scanned_at) VALUES ($1, $2, $3)"
            " ON CONFLICT (sha256) DO UPDATE SET scan = $2, scanned_at = $3",
            {std::string_view(sha256), std::string_view(scan), toMicros(clock_.now())});
    });
}

Result<Json> FileRecords::comment(const FileViewer& viewer, const FileRecord& file, const std::string& text) {
    const Id id = ids_.next();
    const TimePoint now = clock_.now();
    const Status written = store_.writeAndWait([&](Tx& tx) {
        tx.exec(
            "INSERT INTO file_comments (id, org, file, author_user, author_token, text, created_at)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7)",
            {id, file.org, file.id, viewer.user, viewer.token, text, toMicros(now)});
        tell(tx, file, "file.commented");
    });
    if (!written) return written.error();
    return Json{{"id", idText(kFileCommentId, id)},
                {"author", authorJson(viewer.user, viewer.token)},
                {"text", text},
                {"created_at", toRfc3339(now)}};
}

Json FileRecords::comments(const FileRecord& file) const {
    Json items = Json::array();
    store_.read([&](Reader& reader) {
        for (const Row& row :
             reader.query("SELECT id, author_user, author_token, text, created_at FROM file_comments"
                          " WHERE file = $1 ORDER BY id DESC LIMIT 200",
                          {file.id}))
            items.push_back({{"id", idText(kFileCommentId, row.integer(0))},
                             {"author", authorJson(row.integer(1), row.integer(2))},
                             {"text", row.text(3)},
                             {"created_at", toRfc3339(fromMicros(row.integer(4)))}});
    });
    return items;
}

Result<Secret> FileRecords::link(const FileRecord& file, std::chrono::seconds lifetime) {
    const Secret secret = newLinkSecret();
    const TimePoint now = clock_.now();
    std::optional<TimePoint> expires_at;
    if (lifetime.count() != 0) expires_at = now + lifetime;
    const Status written =
        store_.writeAndWait([&](Tx& tx) { insertLink(tx, file.org, file.id, secret, expires_at, now); });
    if (!written) return written.error();
    return secret;
}

void FileRecords::insertLink(Tx& tx, Id org, Id file, const Secret& secret,
                             std::optional<TimePoint> expires_at, TimePoint now) {
    const std::string hash = hashOf(secret.reveal());
    tx.exec("INSERT INTO file_links (hash, org, file, expires_at, created_at) VALUES ($1, $2, $3, $4, $5)",
            {hash, org, file, expires_at ? Value(toMicros(*expires_at)) : Value(nullptr), toMicros(now)});
}

Status FileRecords::dropLinks(const FileRecord& file) {
    return store_.writeAndWait([&](Tx& tx) { tx.exec("DELETE FROM file_links WHERE file = $1", {file.id}); });
}

void FileRecords::tell(Tx& tx, const FileRecord& file, std::string_view type) {
    Json told = plainJson(file);
    told.erase("sha256");
    if (file.access == "own")
        for (const char* field : {"name", "project"}) told[field] = "";
    log_.append(tx, {file.org, type, 0, 0, dumpJson({{"file", told}})});
}

}  // namespace signalbox

#include "hub/files/named_files.h"

#include <algorithm>

namespace signalbox {
namespace {

constexpr std::size_t kHexDigits = 64;
constexpr std::string_view kAttachment =
    "SELECT a.size, a.mime, a.filename, (SELECT s.scan FROM blob_scans s WHERE s.sha256 = a.blob)"
    " FROM attachments a JOIN messages m ON m.id = a.message JOIN conversations c ON c.id = m.conversation"
    " WHERE a.blob = $1 AND a.blob <> '' AND m.org = $2 AND a.state = 'fetched' AND m.deleted_scope = ''";
constexpr std::string_view kOfNobodyAlone =
    "m.account NOT IN (SELECT id FROM accounts WHERE private_to <> 0)";
constexpr std::string_view kNoNote = " AND m.direction NOT IN ('internal', 'activity')";

struct Found {
    NamedFile named;
    std::string mime, name, kind;
};

bool isContentHash(std::string_view text) {
    return text.size() == kHexDigits && std::all_of(text.begin(), text.end(), [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
           });
}

Error noSuchFile(const std::string& where) {
    return {ErrorKind::NotFound, where + "there is no such file", {}, "not_found"};
}

Result<Found> foundFile(const FileRecord& file, const std::string& where) {
    if (file.scan == "infected")
        return Error{ErrorKind::Rejected, where + "the file is in quarantine", {}, "file_infected"};
    if (file.scan == "pending")
        return Error{ErrorKind::Rejected,
                     where + "the virus scanner has not seen the file yet",
                     {},
                     "file_not_scanned"};
    return Found{{0, {file.sha256, file.size}, file.id}, file.mime, file.name, file.kind};
}

// What came with messages is for those who see their conversation.
Result<Found> foundContent(Reader& reader, const FileViewer& viewer, const std::string& sha256,
                           const std::string& where) {
    if (const auto file = FileRecords::findContent(reader, viewer, sha256)) return foundFile(*file, where);
    if (!viewer.sees_everything && !viewer.conversations) return noSuchFile(where);
    std::vector<Value> values{std::string_view(sha256), viewer.org};
    std::string sql(kAttachment);
    sql += " AND " + (viewer.conversations ? viewer.conversations(values) : std::string(kOfNobodyAlone));
    if (!viewer.sees_everything) sql += kNoNote;
    const Rows rows = reader.query(sql + " LIMIT 1", std::span<const Value>(values));
    if (rows.empty()) return noSuchFile(where);
    if (rows[0].text(3) == "infected")
        return Error{ErrorKind::Rejected, where + "the file is in quarantine", {}, "file_infected"};
    return Found{{0, {sha256, rows[0].integer(0)}, 0}, rows[0].text(1), rows[0].text(2), ""};
}

// Nothing: the attachment lies elsewhere, at the provider or behind an address.
Result<std::optional<Found>> find(Reader& reader, const FileViewer& viewer, const Json& attachment,
                                  const std::string& prefix) {
    if (attachment.contains("file_id")) {
        const auto id = parseId(kFileId, textAt(attachment, "file_id"));
        const auto file = id ? FileRecords::findIn(reader, viewer, *id) : std::nullopt;
        if (!file) return noSuchFile(prefix + "file_id: ");
        auto found = foundFile(*file, prefix + "file_id: ");
        if (!found) return found.error();
        return std::optional<Found>(*std::move(found));
    }
    std::optional<Found> last;
    for (const char* field : {"media_id", "sha256"}) {
        const std::string name = textAt(attachment, field);
        if (!isContentHash(name)) continue;
        auto found = foundContent(reader, viewer, name, prefix + field + ": ");
        if (!found) return found.error();
        last = *std::move(found);
    }
    return last;
}

void complete(Json& attachment, const Found& found) {
    attachment.erase("file_id");
    attachment["sha256"] = found.named.blob.sha256;
    const auto fill = [&](const char* field, const std::string& value) {
        if (textAt(attachment, field).empty() && !value.empty()) attachment[field] = value;
    };
    fill("mime", found.mime);
    fill("filename", found.name);
    fill("kind", found.kind);
}

}  // namespace

Result<std::vector<NamedFile>> nameFiles(Reader& reader, const FileViewer& viewer, Json& request) {
    std::vector<NamedFile> named;
    if (!request.is_object() || !memberAt(request, "attachments").is_array()) return named;
    const std::size_t most = textAt(request, "type") == "email" ? kMaxFilesOfMail : kMaxFilesOfMessage;
    std::size_t ordinal = 0;
    for (Json& attachment : request["attachments"]) {
        const std::size_t at = ordinal++;
        if (!attachment.is_object()) continue;  // whoever reads the request says what is wrong with it
        const std::string prefix = "attachments[" + std::to_string(at) + "].";
        auto found = find(reader, viewer, attachment, prefix);
        if (!found) return found.error();
        if (!*found) continue;
        if (named.size() == most)
            return Error{ErrorKind::Invalid,
                         "attachments: a message carries at most " + std::to_string(most) + " files",
                         {},
                         "too_many_files"};
        (*found)->named.ordinal = at;
        complete(attachment, **found);
        named.push_back((*found)->named);
    }
    return named;
}

}  // namespace signalbox

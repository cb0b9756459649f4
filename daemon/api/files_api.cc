#include "daemon/api/files_api.h"

#include <algorithm>

#include "base/log.h"
#include "daemon/api/byte_range.h"
#include "daemon/api/inbox_parts.h"
#include "daemon/api/multipart.h"
#include "hub/access/visibility.h"
#include "hub/files/gallery.h"
#include "hub/files/image_metadata.h"

namespace signalbox::api {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kMaxFiles = 10, kMaxTags = 50, kMaxWord = 200, kMaxComment = 10'000;
constexpr auto kLongestLink = 366 * 24h;
constexpr std::uint64_t kMaxPixels = 50'000'000, kMaxSide = 16'384;
constexpr std::size_t kIndexedText = 256 * 1024;

Error invalid(std::string_view field, const std::string& what) {
    return {ErrorKind::Invalid, std::string(field) + ": " + what};
}

bool isAccess(std::string_view word) {
    return word == "own" || word == "private" || word == "restricted" || word == "public";
}

Status readWord(std::string& out, std::string_view field, std::string_view value) {
    if (value.size() > kMaxWord || value.find('\0') != std::string_view::npos)
        return invalid(field, "at most 200 bytes");
    out = value;
    return Done{};
}

Status readField(UploadFields& fields, const Part& part) {
    if (part.name == "access") {
        if (!isAccess(part.content)) return invalid("access", "private, restricted or public");
        fields.access = part.content;
    } else if (part.name == "project") {
        return readWord(fields.project, "project", part.content);
    } else if (part.name == "tags") {
        fields.tags = splitTags(part.content);
    } else if (part.name == "version_of") {
        const auto id = parseId(kFileId, part.content);
        if (!id) return invalid("version_of", "a file's id (fil_…)");
        fields.version_of = *id;
    } else {
        return invalid(part.name, "unknown field; there is file, access, project, tags and version_of");
    }
    return Done{};
}

HttpResponse postFiles(Call& call, const FileParts& parts, Id version_of) {
    const auto type = call.request.headers.get("content-type");
    if (mediaType(type) != "multipart/form-data")
        return problem(415, "unsupported_media_type", "send the files as content-type multipart/form-data");
    std::string_view body = call.request.body;
    if (call.request.body_file) {
        const auto mapped = call.request.body_file->bytes();
        if (!mapped) return refuse(mapped.error());
        body = *mapped;
    }
    const auto form = readMultipart(type, body);
    if (!form) return refuse(form.error());
    UploadFields fields;
    fields.version_of = version_of;
    std::vector<const Part*> files;
    for (const Part& part : *form) {
        if (!part.file_name.empty()) {
            files.push_back(&part);
        } else if (part.name == "file") {
            return refuse(invalid("file", "the part says no file name (filename=\"…\")"));
        } else if (const auto read = readField(fields, part); !read) {
            return refuse(read.error());
        }
    }
    if (files.empty() || files.size() > kMaxFiles) return refuse(invalid("file", "1 to 10 files"));
    if (fields.version_of != 0 && files.size() > 1) return refuse(invalid("file", "a version is one file"));
    Json items = Json::array();
    for (const Part* part : files) {
        fields.name = part->file_name;
        const auto stored = storeFile(parts, viewerOf(call.caller), part->content, fields);
        if (!stored) return refuse(withContext(cleanFileName(part->file_name), stored.error()));
        items.push_back(parts.records.describe(*stored));
    }
    Json answer = items[0];
    answer["items"] = std::move(items);
    auto response = reply(201, answer);
    response.headers.add("location", "/api/v1/files/" + textAt(answer, "id"));
    return response;
}

template <class Use>
HttpResponse withFile(Call& call, const FileParts& parts, Use use) {
    const auto id = readId(call, kFileId);
    const auto file = id ? parts.records.find(viewerOf(call.caller), *id) : std::nullopt;
    return file ? use(*file) : notFound("file");
}

// Pictures without place and time for those who do not work here.
std::optional<HttpResponse> stripped(const FileParts& parts, const FileRecord& file) {
    const auto bytes = parts.blobs.read(file.sha256);
    if (!bytes) return refuse(bytes.error());
    auto clean = withoutMetadata(*bytes);
    if (!clean) return std::nullopt;
    HttpResponse response{200, {{"content-type", file.mime}}, *std::move(clean), nullptr};
    return response;
}

HttpResponse contentOf(const HttpRequest& request, const FileParts& parts, const FileRecord& file,
                       bool is_inline, bool strips_metadata) {
    if (auto no = quarantined(parts, file)) return *std::move(no);
    HttpResponse response;
    const std::string etag = '"' + file.sha256.substr(0, 32) + (strips_metadata ? "-s\"" : "\"");
    const bool is_fresh = request.headers.get("if-none-match").find(etag) != std::string_view::npos;
    if (is_fresh) {
        response.status = 304;
    } else if (strips_metadata && file.kind == "image") {
        auto clean = stripped(parts, file);
        if (!clean)
            return problem(
                415, "image_not_cleanable",
                "the place and time inside pictures of this format cannot be taken out; ask for a JPEG");
        response = *std::move(clean);
    } else {
        // A part of what is another file by now would be glued to the old one: then the whole (RFC
        // 9110, 13.1.5).
        const auto expected = request.headers.find("if-range");
        const bool may_be_part = !expected || *expected == etag;
        const auto answer =
            rangeOf(may_be_part ? request.headers.get("range") : "", static_cast<std::uint64_t>(file.size));
        if (answer.is_unsatisfiable) {
            auto no =
                problem(416, "range_unsatisfiable", "the file has " + std::to_string(file.size) + " bytes");
            no.headers.add("content-range", "bytes */" + std::to_string(file.size));
            return no;
        }
        auto source = parts.blobs.open(file.sha256, answer.range.offset, answer.range.length);
        if (!source) return refuse(source.error());
        response.source = *std::move(source);
        response.headers.add("content-type", file.mime);
        if (answer.is_partial) {
            response.status = 206;
            response.headers.add("content-range",
                                 "bytes " + std::to_string(answer.range.offset) + '-' +
                                     std::to_string(answer.range.offset + answer.range.length - 1) + '/' +
                                     std::to_string(file.size));
        }
        response.headers.add("accept-ranges", "bytes");
    }
    response.headers.add("etag", etag);
    response.headers.add("cache-control", "private, no-cache");
    response.headers.add("content-disposition",
                         contentDisposition(file.name, is_inline && isSafeInline(file.mime)));
    protectContent(response);
    return response;
}

HttpResponse getContent(Call& call, const FileParts& parts) {
    return withFile(call, parts, [&](const FileRecord& file) {
        const bool is_inline = call.queryText("inline") == "true";
        const bool is_stranger = !call.caller.seesEverything() && file.owner_user != call.caller.user;
        return contentOf(call.request, parts, file, is_inline, is_stranger);
    });
}

// Under the name and type that its sender gave: never shown inline.
HttpResponse getAttachment(Call& call, const FileParts& parts, Store& store) {
    const auto file = findAttachment(call, parts, store);
    if (!file) return notFound("attachment");
    return contentOf(call.request, parts, *file, false, !call.caller.seesEverything());
}

// Who has the link has no account: what pictures tell of places stays here.
HttpResponse getLinked(Call& call, const FileParts& parts) {
    const auto file = parts.records.findByLink(call.capture("secret"));
    if (!file) return notFound("file");
    return contentOf(call.request, parts, *file, false,
                     file->kind == "image" && call.queryText("original").empty());
}

HttpResponse getGallery(Call& call, Store& store) {
    const auto page = readPage(call, kFileId);
    if (!page) return refuse(page.error());
    const Visibility view(call.caller);
    const auto seen = [&](std::vector<Value>& values) { return view.messages("m", "c", values); };
    return list(
        listGallery(store, viewerOf(call.caller), seen, {call.capture("kind"), call.capture("id")}, *page),
        kFileId);
}

HttpResponse getFiles(Call& call, const FileParts& parts) {
    const auto page = readPage(call, kFileId);
    if (!page) return refuse(page.error());
    FileFilter filter{call.queryText("project"), call.queryText("kind"), call.queryText("tag"),
                      call.queryText("name"),    page->before,           page->limit};
    PageOfItems found;
    found.items = parts.records.list(viewerOf(call.caller), filter, found.next);
    return list(found, kFileId);
}

HttpResponse mayNot() {
    return problem(403, "right_missing", "only who uploaded a file may change it");
}

Result<FileRecords::Changes> readChanges(const Json& body) {
    FileRecords::Changes changes;
    if (!body.is_object()) return invalid("body", "an object with name, access, project or tags");
    for (const auto& [key, value] : body.items()) {
        if (key == "tags" && value.is_array()) {
            std::vector<std::string> tags;
            for (const Json& tag : value) {
                if (!tag.is_string() || tag.get_ref<const std::string&>().size() > kMaxWord ||
                    tags.size() == kMaxTags)
                    return invalid("tags", "at most 50 texts of at most 200 bytes");
                tags.push_back(tag);
            }
            changes.tags = std::move(tags);
            continue;
        }
        if (!value.is_string()) return invalid(key, "must be a text");
        const std::string text = value;
        if (key == "name") {
            changes.name = cleanFileName(text);
        } else if (key == "access") {
            if (!isAccess(text)) return invalid(key, "private, restricted or public");
            changes.access = text;
        } else if (key == "project") {
            std::string project;
            if (const auto read = readWord(project, key, text); !read) return read.error();
            changes.project = std::move(project);
        } else {
            return invalid(key, "unknown field; there is name, access, project and tags");
        }
    }
    return changes;
}

HttpResponse described(const FileParts& parts, const FileRecord& file) {
    return withRevision(ok(parts.records.describe(file)), file.revision);
}

HttpResponse patchFile(Call& call, const FileParts& parts) {
    auto changes = readChanges(call.body);
    if (!changes) return refuse(changes.error());
    return withFile(call, parts, [&](const FileRecord& file) {
        if (!mayChangeFile(call.caller, file)) return mayNot();
        const auto edit = editOf(call);
        if (!edit) return refuse(edit.error());
        changes->revision = edit->revision;
        if (const auto written = parts.records.change(file, *changes); !written)
            return refuseEdit(written.error());
        const auto after = parts.records.find(viewerOf(call.caller), file.id);
        return after ? described(parts, *after) : notFound("file");
    });
}

HttpResponse deleteFile(Call& call, const FileParts& parts) {
    return withFile(call, parts, [&](const FileRecord& file) {
        if (!mayChangeFile(call.caller, file)) return mayNot();
        if (const auto removed = parts.records.remove(file); !removed) return refuse(removed.error());
        return HttpResponse{204, {}, "", nullptr};
    });
}

HttpResponse postComment(Call& call, const FileParts& parts) {
    Body body(call.body, {"text"});
    const std::string text = body.requiredText("text", kMaxComment);
    if (!body.status()) return refuse(body.status().error());
    return withFile(call, parts, [&](const FileRecord& file) {
        const auto comment = parts.records.comment(viewerOf(call.caller), file, text);
        return comment ? reply(201, *comment) : refuse(comment.error());
    });
}

HttpResponse postLink(Call& call, const FileParts& parts) {
    Body body(call.body, {"expires_in_s"});
    const std::int64_t seconds =
        body.number("expires_in_s", 0, std::chrono::seconds(kLongestLink).count()).value_or(3600);
    if (!body.status()) return refuse(body.status().error());
    return withFile(call, parts, [&](const FileRecord& file) {
        if (!mayChangeFile(call.caller, file)) return mayNot();
        const auto secret = parts.records.link(file, std::chrono::seconds(seconds));
        if (!secret) return refuse(secret.error());
        const std::string path = "/files/" + secret->reveal();
        return reply(201, {{"url", parts.public_url + path}, {"path", path}, {"expires_in_s", seconds}});
    });
}

HttpResponse deleteLinks(Call& call, const FileParts& parts) {
    return withFile(call, parts, [&](const FileRecord& file) {
        if (!mayChangeFile(call.caller, file)) return mayNot();
        if (const auto dropped = parts.records.dropLinks(file); !dropped) return refuse(dropped.error());
        return HttpResponse{204, {}, "", nullptr};
    });
}

// A picture that says it is huge would fill the memory of whoever opens it.
Status checkPicture(std::string_view bytes, const std::string& kind) {
    if (kind != "image") return Done{};
    const auto size = imageSizeOf(bytes);
    if (!size) return Done{};
    if (size->width > kMaxSide || size->height > kMaxSide ||
        std::uint64_t{size->width} * size->height > kMaxPixels)
        return Error{ErrorKind::Rejected, "file: pictures have at most 50 megapixels", {}, "image_too_large"};
    return Done{};
}

bool isTaken(const std::vector<std::string>& types, std::string_view mime) {
    return types.empty() || std::any_of(types.begin(), types.end(), [&](std::string_view type) {
               if (!type.ends_with("/*")) return mime == type;
               return mime.starts_with(type.substr(0, type.size() - 1));
           });
}

std::string textOf(std::string_view bytes, const std::string& mime) {
    const bool is_text = mime.starts_with("text/") || mime == "application/json";
    return is_text ? std::string(bytes.substr(0, kIndexedText)) : "";
}

Result<std::string> scanResult(const FileParts& parts, std::string_view bytes) {
    if (parts.scanner == nullptr) return std::string("unscanned");
    const auto found = parts.scanner->scan(bytes);
    if (!found) {
        log::warn("file_not_scanned", {{"error", found.error().message}});
        return std::string("pending");
    }
    return std::string(found->empty() ? "clean" : "infected");
}

}  // namespace

bool bringsFile(const HttpRequest& head) {
    const auto path = head.path();
    if (head.method == "PATCH") return path.starts_with("/api/v1/uploads/");
    return head.method == "POST" && (path == "/api/v1/files" || path == "/api/communications/upload" ||
                                     (path.starts_with("/api/v1/files/") && path.ends_with("/versions")));
}

bool mayChangeFile(const Caller& caller, const FileRecord& file) {
    if (caller.seesEverything()) return true;
    return caller.user != 0 ? file.owner_user == caller.user
                            : file.owner_user == 0 && file.owner_token == caller.token;
}

std::vector<std::string> splitTags(std::string_view text) {
    std::vector<std::string> tags;
    while (!text.empty()) {
        const auto end = std::min(text.find(','), text.size());
        auto tag = text.substr(0, end);
        tag.remove_prefix(std::min(tag.find_first_not_of(' '), tag.size()));
        while (tag.ends_with(' ')) tag.remove_suffix(1);
        if (!tag.empty()) tags.emplace_back(tag.substr(0, kMaxWord));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    if (tags.size() > kMaxTags) tags.resize(kMaxTags);
    return tags;
}

void protectContent(HttpResponse& response) {
    response.headers.add("x-content-type-options", "nosniff");
    response.headers.add("content-security-policy", "sandbox; default-src 'none'");
    response.headers.add("cross-origin-resource-policy", "same-origin");
    response.headers.add("referrer-policy", "no-referrer");
}

// Scans what could not be scanned before; the problem to give, or nothing when the file may be had.
std::optional<HttpResponse> quarantined(const FileParts& parts, FileRecord file) {
    if (file.scan == "pending" && parts.scanner != nullptr) {
        const auto bytes = parts.blobs.read(file.sha256);
        if (!bytes) return refuse(bytes.error());
        if (const auto found = parts.scanner->scan(*bytes)) {
            file.scan = found->empty() ? "clean" : "infected";
            // A file of a message has no record of its own.
            const Status noted = file.id == 0 ? parts.records.noteScan(file.sha256, file.scan)
                                              : parts.records.markScanned(file, file.scan);
            if (!noted) log::warn("scan_not_noted", {{"error", noted.error().message}});
        }
    }
    if (file.scan == "infected")
        return problem(403, "file_infected",
                       "the virus scanner found something in it; it is kept, not given out");
    if (file.scan != "pending") return std::nullopt;
    auto response = problem(503, "file_not_scanned", "the virus scanner has not answered yet; come again");
    response.headers.add("retry-after", "30");
    return response;
}

std::optional<FileRecord> findAttachment(const Call& call, const FileParts& parts, Store& store) {
    const auto id = readId(call, kMessageId);
    const std::string ordinal = call.capture("ordinal");
    const bool is_number = !ordinal.empty() && ordinal.size() < 4 &&
                           ordinal.find_first_not_of("0123456789") == std::string::npos;
    if (!id || !is_number) return std::nullopt;
    FileRecord file;
    const Visibility view(call.caller);
    store.read([&](Reader& reader) {
        std::vector<Value> values{*id, static_cast<std::int64_t>(std::stoi(ordinal))};
        const std::string sql =
            "SELECT a.blob, a.size, a.filename, a.mime, a.kind FROM attachments a JOIN messages m ON m.id = "
            "a.message"
            " JOIN conversations c ON c.id = m.conversation"
            " WHERE m.id = $1 AND a.ordinal = $2 AND a.state = 'fetched' AND m.deleted_scope = '' AND " +
            view.messages("m", "c", values);
        const Rows rows = reader.query(sql, std::span<const Value>(values));
        if (rows.empty()) return;
        file.sha256 = rows[0].text(0);
        file.size = rows[0].integer(1);
        file.name = cleanFileName(rows[0].text(2));
        file.kind = rows[0].text(4);
        file.mime = rows[0].text(3).empty() ? "application/octet-stream" : rows[0].text(3);
    });
    if (file.sha256.empty()) return std::nullopt;
    // Nobody scanned it when it came: that is done when somebody asks first.
    file.scan = parts.records.scanOf(file.sha256);
    if (file.scan.empty()) file.scan = parts.scanner == nullptr ? "unscanned" : "pending";
    return file;
}

FileViewer viewerOf(const Caller& caller) {
    FileViewer viewer{caller.org, caller.user, caller.token, caller.seesEverything()};
    // Shared with the viewer's copies: the condition's values are borrowed from it.
    viewer.conversations = [view = std::make_shared<const Visibility>(caller)](std::vector<Value>& values) {
        return view->conversations("c", values);
    };
    return viewer;
}

Result<FileRecord> storeFile(const FileParts& parts, const FileViewer& viewer, std::string_view bytes,
                             const UploadFields& fields) {
    NewFile file;
    file.name = cleanFileName(fields.name);
    auto type = fileTypeOf(file.name, bytes);
    if (!type) return type.error();
    file.type = *std::move(type);
    if (!isTaken(parts.types, file.type.mime))
        return Error{ErrorKind::Rejected,
                     "file: files of type " + file.type.mime + " are not taken here",
                     {},
                     "file_type_refused"};
    if (const auto fits = checkPicture(bytes, file.type.kind); !fits) return fits.error();
    const auto size = static_cast<std::int64_t>(bytes.size());
    if (parts.quota_bytes > 0 && parts.records.used(viewer.org) + size > parts.quota_bytes)
        return quotaReached();  // looked at again when it is written; here it costs no disk yet
    auto scan = scanResult(parts, bytes);
    if (!scan) return scan.error();
    auto blob = parts.blobs.put(bytes);
    if (!blob) return blob.error();
    file.blob = *std::move(blob);
    file.scan = *std::move(scan);
    file.access = fields.access;
    file.project = fields.project;
    file.tags = fields.tags;
    file.version_of = fields.version_of;
    file.upload = fields.upload;
    file.quota_bytes = parts.quota_bytes;
    file.text = textOf(bytes, file.type.mime);
    return parts.records.add(viewer, file);
}

void addFileRoutes(Router& router, const FileParts& parts, Store& store) {
    const auto add = [&](const char* method, const char* pattern, const char* right, auto handler) {
        router.add(
            visible({method, pattern, right, [parts, handler](Call& call) { return handler(call, parts); }}));
    };
    const auto raw = [&](const char* pattern, auto handler) {
        Route route = visible(
            {"POST", pattern, "files:write", [parts, handler](Call& call) { return handler(call, parts); }});
        route.takes_raw_body = true;
        router.add(std::move(route));
    };
    raw("/api/v1/files", [](Call& call, const FileParts& p) { return postFiles(call, p, 0); });
    raw("/api/v1/files/{id}/versions", [](Call& call, const FileParts& p) {
        return withFile(call, p, [&](const FileRecord& file) {
            return mayChangeFile(call.caller, file) ? postFiles(call, p, file.id) : mayNot();
        });
    });
    add("GET", "/api/v1/files", "files:read", getFiles);
    add("GET", "/api/v1/files/{id}", "files:read", [](Call& call, const FileParts& p) {
        return withFile(call, p, [&](const FileRecord& file) { return described(p, file); });
    });
    add("PATCH", "/api/v1/files/{id}", "files:write", patchFile);
    add("DELETE", "/api/v1/files/{id}", "files:write", deleteFile);
    add("GET", "/api/v1/files/{id}/content", "files:read", getContent);
    add("GET", "/api/v1/files/{id}/versions", "files:read", [](Call& call, const FileParts& p) {
        return withFile(call, p, [&](const FileRecord& file) {
            return ok({{"items", p.records.versions(viewerOf(call.caller), file)}, {"next", nullptr}});
        });
    });
    add("GET", "/api/v1/files/{id}/comments", "files:read", [](Call& call, const FileParts& p) {
        return withFile(call, p, [&](const FileRecord& file) {
            return ok({{"items", p.records.comments(file)}, {"next", nullptr}});
        });
    });
    add("POST", "/api/v1/files/{id}/comments", "files:write", postComment);
    Route link = visible({"POST", "/api/v1/files/{id}/links", "files:write",
                          [parts](Call& call) { return postLink(call, parts); }});
    link.answers_secret = true;
    router.add(std::move(link));
    add("DELETE", "/api/v1/files/{id}/links", "files:write", deleteLinks);
    router.add(visible({"GET", "/api/v1/objects/{kind}/{id}/files", "files:read",
                        [&store](Call& call) { return getGallery(call, store); }}));
    router.add(visible({"GET", "/api/v1/messages/{id}/attachments/{ordinal}/content", "messages:read",
                        [parts, &store](Call& call) { return getAttachment(call, parts, store); }}));
    router.add({"GET", "/files/{secret}", std::string(kPublic),
                [parts](Call& call) { return getLinked(call, parts); }});
}

}  // namespace signalbox::api

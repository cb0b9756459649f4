#include "daemon/api/uploads_api.h"

#include <charconv>

#include "base/crypto.h"
#include "daemon/api/body.h"

namespace signalbox::api {
namespace {

constexpr std::string_view kTus = "1.0.0";
constexpr std::size_t kMaxTags = 1'000;

Error invalid(std::string_view field, std::string_view what) {
    return {ErrorKind::Invalid, std::string(field) + ": " + std::string(what)};
}

std::optional<std::int64_t> numberFrom(std::string_view text) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size() || text.empty() || number < 0)
        return std::nullopt;
    return number;
}

// Upload-Metadata: «name base64, name base64».
Json metadataFrom(std::string_view header) {
    Json out = Json::object();
    while (!header.empty()) {
        auto pair = header.substr(0, header.find(','));
        header.remove_prefix(std::min(pair.size() + 1, header.size()));
        pair.remove_prefix(std::min(pair.find_first_not_of(' '), pair.size()));
        const auto space = std::min(pair.find(' '), pair.size());
        std::string name(pair.substr(0, space));
        const auto value = fromBase64(pair.substr(std::min(space + 1, pair.size())));
        if (name == "filename") name = "name";
        if (!name.empty() && name != "filetype" && value) out[name] = *value;
    }
    return out;
}

// Ours is a JSON body; a client of tus says the same in two headers.
Result<NewUpload> readNewUpload(const Call& call) {
    Json said = call.body;
    if (const auto length = call.request.headers.find("upload-length")) {
        said = metadataFrom(call.request.headers.get("upload-metadata"));
        const auto size = numberFrom(*length);
        said["size"] = size ? Json(*size) : Json("");
    }
    Body body(said, {"name", "size", "access", "project", "tags", "version_of", "sha256"});
    NewUpload upload;
    upload.name = cleanFileName(body.requiredText("name"));
    upload.size = body.number("size", 0, BlobStore::kDefaultMaxBytes).value_or(-1);
    if (upload.size < 0) body.fault("size", "is missing");
    upload.access = body.word("access", {"own", "private", "restricted", "public"});
    upload.project = body.text("project", 200);
    upload.tags = body.text("tags", kMaxTags);
    upload.sha256 = body.text("sha256", 64);
    if (!upload.sha256.empty() && fromHex(upload.sha256).value_or("").size() != 32)
        body.fault("sha256", "64 hexadecimal digits");
    upload.version_of = body.id("version_of", kFileId).value_or(0);
    if (!body.status()) return body.status().error();
    return upload;
}

Json uploadJson(const Upload& upload) {
    return {{"id", idText(kUploadId, upload.id)},
            {"name", upload.what.name},
            {"size", upload.what.size},
            {"offset", upload.offset},
            {"file_id", upload.file == 0 ? Json(nullptr) : Json(idText(kFileId, upload.file))},
            {"expires_at", toRfc3339(upload.expires_at)}};
}

void addProgress(HttpResponse& response, const Upload& upload) {
    response.headers.add("tus-resumable", std::string(kTus));
    response.headers.add("upload-offset", std::to_string(upload.offset));
    response.headers.add("upload-length", std::to_string(upload.what.size));
    response.headers.add("cache-control", "no-store");
}

template <class Use>
HttpResponse withUpload(Call& call, const Uploads& uploads, Use use) {
    const auto id = readId(call, kUploadId);
    const auto upload = id ? uploads.find(viewerOf(call.caller), *id) : std::nullopt;
    return upload ? use(*upload) : notFound("upload");
}

HttpResponse postUpload(Call& call, const FileParts& parts, Uploads& uploads) {
    const auto what = readNewUpload(call);
    if (!what) return refuse(what.error());
    const FileViewer viewer = viewerOf(call.caller);
    if (what->version_of != 0) {
        const auto earlier = parts.records.find(viewer, what->version_of);
        if (!earlier) return notFound("file");
        if (!mayChangeFile(call.caller, *earlier))
            return problem(403, "right_missing", "only who uploaded a file may change it");
    }
    const auto upload = uploads.begin(viewer, *what, parts.quota_bytes);
    if (!upload) return refuse(upload.error());
    HttpResponse response = reply(201, uploadJson(*upload));
    addProgress(response, *upload);
    response.headers.add("location", "/api/v1/uploads/" + idText(kUploadId, upload->id));
    return response;
}

// «sha256 BASE64» of this piece.
Status checkPiece(std::string_view header, std::string_view bytes) {
    if (header.empty()) return Done{};
    constexpr std::string_view kAlgorithm = "sha256 ";
    if (!header.starts_with(kAlgorithm)) return invalid("Upload-Checksum", "«sha256 BASE64» is understood");
    const auto promised = fromBase64(header.substr(kAlgorithm.size()));
    if (promised && *promised == hash(HashAlgorithm::Sha256, bytes)) return Done{};
    return Error{ErrorKind::Rejected,
                 "the piece is not what its checksum says; send it again",
                 {},
                 "checksum_mismatch"};
}

// All has come: it becomes a file. Asked again after a failure, it tries again.
Result<Json> finish(const FileParts& parts, const FileViewer& viewer, Uploads& uploads, Upload& upload) {
    const auto content = uploads.content(upload);
    if (!content) return content.error();
    const std::string_view bytes = (*content)->bytes();
    if (!upload.what.sha256.empty() && toHex(hash(HashAlgorithm::Sha256, bytes)) != upload.what.sha256)
        return Error{ErrorKind::Rejected,
                     "the file is not what its sha256 says; delete the upload and begin anew",
                     {},
                     "checksum_mismatch"};
    UploadFields fields{upload.what.name,       upload.what.access,
                        upload.what.project,    splitTags(upload.what.tags),
                        upload.what.version_of, upload.id};
    const auto stored = storeFile(parts, viewer, bytes, fields);
    if (!stored) return stored.error();
    uploads.forgetPart(upload);
    upload.file = stored->id;
    return parts.records.describe(*stored);
}

Result<std::string_view> pieceOf(const HttpRequest& request) {
    if (request.body_file) return request.body_file->bytes();
    return std::string_view(request.body);
}

HttpResponse answerOf(const Upload& upload, const std::optional<Json>& file) {
    Json said = uploadJson(upload);
    if (file) said["file"] = *file;
    HttpResponse response = file ? reply(200, said) : HttpResponse{204, {}, "", nullptr};
    addProgress(response, upload);
    return response;
}

HttpResponse patchUpload(Call& call, const FileParts& parts, Uploads& uploads) {
    if (mediaType(call.request.headers.get("content-type")) != "application/offset+octet-stream")
        return problem(415, "unsupported_media_type",
                       "send pieces as content-type application/offset+octet-stream");
    const auto offset = numberFrom(call.request.headers.get("upload-offset"));
    if (!offset) return refuse(invalid("Upload-Offset", "is missing, or no number"));
    const auto bytes = pieceOf(call.request);
    if (!bytes) return refuse(bytes.error());
    if (auto good = checkPiece(call.request.headers.get("upload-checksum"), *bytes); !good)
        return refuse(good.error());
    const FileViewer viewer = viewerOf(call.caller);
    return withUpload(call, uploads, [&](Upload upload) {
        if (upload.file != 0) {  // the answer to the last piece was lost on its way
            const auto file = parts.records.find(viewer, upload.file);
            if (*offset + static_cast<std::int64_t>(bytes->size()) != upload.what.size &&
                *offset != upload.what.size)
                return refuse(
                    {ErrorKind::Conflict, "this upload became a file already", {}, "upload_finished"});
            return file ? answerOf(upload, parts.records.describe(*file)) : notFound("upload");
        }
        const auto at = uploads.append(upload, *offset, *bytes);
        if (!at) {
            HttpResponse refused = refuse(at.error());
            refused.headers.add("upload-offset", std::to_string(upload.offset));
            return refused;
        }
        upload.offset = *at;
        if (upload.offset < upload.what.size) return answerOf(upload, std::nullopt);
        const auto file = finish(parts, viewer, uploads, upload);
        return file ? answerOf(upload, *file) : refuse(withContext(upload.what.name, file.error()));
    });
}

}  // namespace

void addUploadRoutes(Router& router, const FileParts& parts, Uploads& uploads) {
    const std::string all = "/api/v1/uploads", one = all + "/{id}";
    router.add(visible({"POST", all, "files:write",
                        [parts, &uploads](Call& call) { return postUpload(call, parts, uploads); }}));
    Route patch = visible({"PATCH", one, "files:write",
                           [parts, &uploads](Call& call) { return patchUpload(call, parts, uploads); }});
    patch.takes_raw_body = true;
    router.add(std::move(patch));
    router.add(visible({"GET", one, "files:write", [&uploads](Call& call) {
                            return withUpload(call, uploads, [](const Upload& upload) {
                                HttpResponse response = ok(uploadJson(upload));
                                addProgress(response, upload);
                                return response;
                            });
                        }}));
    router.add(visible({"DELETE", one, "files:write", [&uploads](Call& call) {
                            return withUpload(call, uploads, [&](const Upload& upload) {
                                if (auto dropped = uploads.drop(upload); !dropped)
                                    return refuse(dropped.error());
                                return HttpResponse{204, {{"tus-resumable", std::string(kTus)}}, "", nullptr};
                            });
                        }}));
}

}  // namespace signalbox::api

#include "daemon/api/thumbnails_api.h"

#include <semaphore>

#include "base/log.h"

namespace signalbox::api {
namespace {

struct Variant {
    std::string name;
    int side;
};

std::optional<Variant> variantOf(const Call& call) {
    const std::string size = call.queryText("size");
    if (size.empty() || size == "small") return Variant{"small", 256};
    if (size == "large") return Variant{"large", 1'024};
    return std::nullopt;
}

// One of the few places for those that are made at the same time.
class Place {
public:
    Place() : is_taken_(free().try_acquire_for(std::chrono::seconds(5))) {}
    ~Place() {
        if (is_taken_) free().release();
    }
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
    bool isTaken() const { return is_taken_; }

private:
    static std::counting_semaphore<4>& free() {
        static std::counting_semaphore<4> places{4};
        return places;
    }
    const bool is_taken_;
};

// What was made before, or made now; an empty text: none can be made.
Result<std::string> pictureOf(const ThumbnailParts& parts, const FileRecord& file, const Variant& variant) {
    auto known = parts.thumbnails.find(file.sha256, variant.name);
    if (!known) return known.error();
    if (*known) return **std::move(known);
    // Whole files are in memory meanwhile: only a few at a time.
    const Place place;
    if (!place.isTaken())
        return Error{ErrorKind::Unavailable, "thumbnail: others are being made", std::chrono::seconds(2),
                     "thumbnailer_busy"};
    const auto bytes = parts.files.blobs.read(file.sha256);
    if (!bytes) return bytes.error();
    auto made = parts.maker.make(file.mime, *bytes, variant.side);
    if (!made && made.error().code != "no_thumbnail") return made;
    const std::string picture = made ? *made : "";
    if (!made) log::info("thumbnail_not_made", {{"error", made.error().message}});
    if (const auto kept = parts.thumbnails.keep(file.sha256, variant.name, picture); !kept)
        log::warn("thumbnail_not_kept", {{"error", kept.error().message}});
    return picture;
}

HttpResponse thumbnailOf(const Call& call, const ThumbnailParts& parts, const FileRecord& file) {
    const auto variant = variantOf(call);
    if (!variant) return refuse({ErrorKind::Invalid, "size: small or large"});
    if (auto no = quarantined(parts.files, file)) return *std::move(no);
    HttpResponse response;
    const std::string etag = '"' + file.sha256.substr(0, 32) + '-' + variant->name + '"';
    if (call.request.headers.get("if-none-match").find(etag) != std::string_view::npos) {
        response.status = 304;
    } else {
        auto picture = pictureOf(parts, file, *variant);
        if (!picture) return refuse(picture.error());
        if (picture->empty())
            return problem(404, "no_thumbnail", "there is no small picture of this; show its type instead");
        response.headers.add("content-type", picture->starts_with("\x89PNG") ? "image/png" : "image/jpeg");
        response.headers.add("content-disposition", "inline");
        response.body = *std::move(picture);
    }
    response.headers.add("etag", etag);
    response.headers.add("cache-control", "private, max-age=86400");
    protectContent(response);
    return response;
}

}  // namespace

void addThumbnailRoutes(Router& router, const ThumbnailParts& parts, Store& store) {
    router.add(visible({"GET", "/api/v1/files/{id}/thumbnail", "files:read", [parts](Call& call) {
                            const auto id = readId(call, kFileId);
                            const auto file =
                                id ? parts.files.records.find(viewerOf(call.caller), *id) : std::nullopt;
                            return file ? thumbnailOf(call, parts, *file) : notFound("file");
                        }}));
    router.add(visible({"GET", "/api/v1/messages/{id}/attachments/{ordinal}/thumbnail", "messages:read",
                        [parts, &store](Call& call) {
                            const auto file = findAttachment(call, parts.files, store);
                            return file ? thumbnailOf(call, parts, *file) : notFound("attachment");
                        }}));
}

}  // namespace signalbox::api

#include "hub/files/thumbnails.h"

#include "hub/files/blob_marks.h"

namespace signalbox {

Result<std::optional<std::string>> Thumbnails::find(const std::string& sha256,
                                                    const std::string& variant) const {
    std::optional<std::string> blob;
    store_.read([&](Reader& reader) {
        const Rows rows = reader.query("SELECT blob FROM thumbnails WHERE sha256 = $1 AND variant = $2",
                                       {std::string_view(sha256), std::string_view(variant)});
        if (!rows.empty()) blob = rows[0].text(0);
    });
    if (!blob || blob->empty()) return blob;
    auto picture = blobs_.read(*blob);
    if (!picture && picture.error().kind == ErrorKind::NotFound) return std::optional<std::string>();
    if (!picture) return picture.error();
    return std::optional<std::string>(*std::move(picture));
}

Status Thumbnails::keep(const std::string& sha256, const std::string& variant, std::string_view picture) {
    StoredBlob blob;
    if (!picture.empty()) {
        auto stored = blobs_.put(picture);
        if (!stored) return stored.error();
        blob = *std::move(stored);
    }
    return store_.writeAndWait([&](Tx& tx) {
        if (!blob.sha256.empty()) unmarkBlob(tx, blob.sha256);
        tx.exec(
            "INSERT INTO thumbnails (sha256, variant, blob, size, created_at) VALUES ($1, $2, $3, $4, $5)"
            " ON CONFLICT (sha256, variant) DO UPDATE SET blob = $3, size = $4",
            {std::string_view(sha256), std::string_view(variant), std::string_view(blob.sha256), blob.size,
             toMicros(clock_.now())});
    });
}

}  // namespace signalbox

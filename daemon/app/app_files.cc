// The parts of the composition root that have to do with files.
#include <filesystem>

#include "base/log.h"
#include "daemon/app/app.h"
#include "daemon/scan/clamd.h"
#include "daemon/storage/s3_objects.h"
#include "hub/files/disk_objects.h"

namespace signalbox {
namespace {

std::string spoolFolder(const AppOptions& options) {
    return (std::filesystem::path(options.data) / "spool").string();
}

}  // namespace

Result<std::unique_ptr<ObjectStore>> App::makeObjects() {
    if (options_.files.store != "s3")
        return std::unique_ptr<ObjectStore>(
            std::make_unique<DiskObjects>(std::filesystem::path(options_.data) / "blobs"));
    const config::S3Config& s3 = options_.files.s3;
    if (s3.bucket.empty())
        return Error{
            ErrorKind::Invalid,
            "files.s3: is missing; store: s3 needs endpoint, region, bucket, access_key, secret_key"};
    AddressPolicy chosen_by_admin = options_.egress;
    chosen_by_admin.allow_any = chosen_by_admin.any_port = true;
    storage_http_ = makeHttpClient(chosen_by_admin);
    auto made = S3Objects::create(
        {s3.endpoint, s3.region, s3.bucket, s3.prefix, s3.is_path_style, s3.access_key, s3.secret_key},
        *storage_http_, clock_);
    if (!made) return made.error();
    return std::unique_ptr<ObjectStore>(*std::move(made));
}

// What is encrypted already can be read whatever the configuration says now.
Status App::buildBlobs() {
    auto keys = BlobKeys::open(*store_, ids_, clock_, access_->vault());
    if (!keys) return keys.error();
    blob_keys_ = *std::move(keys);
    BlobCipher cipher;
    cipher.find = [this](std::int64_t number) { return blob_keys_->find(number); };
    if (options_.files.encrypt) cipher.newest = [this] { return blob_keys_->newest(); };
    access_->vault().afterRotation([this] {
        if (const auto made = blob_keys_->add(); !made)
            log::warn("file_key_not_made", {{"error", made.error().message}});
    });
    auto objects = makeObjects();
    if (!objects) return objects.error();
    blobs_ = std::make_unique<BlobStore>(*std::move(objects), std::move(cipher), spoolFolder(options_));
    if (auto opened = blobs_->open(); !opened) return opened;
    collector_ = std::make_unique<BlobCollector>(*store_, clock_, *blobs_,
                                                 options_.files.encrypt ? blob_keys_.get() : nullptr,
                                                 options_.files.garbage_grace);
    blobs_->beforePut([this](const std::string& sha256) { return collector_->keep(sha256); });
    return Done{};
}

Status App::buildFiles() {
    if (auto built = buildBlobs(); !built) return built;
    files_ = std::make_unique<Files>(*blobs_, *log_, publicUrl());
    file_records_ = std::make_unique<FileRecords>(*store_, ids_, clock_, *log_);
    std::error_code failure;
    std::filesystem::create_directories(spoolFolder(options_), failure);
    if (failure)
        return Error{ErrorKind::Unavailable, "folder " + spoolFolder(options_) + ": " + failure.message()};
    uploads_ =
        std::make_unique<Uploads>(*store_, ids_, clock_, std::filesystem::path(options_.data) / "uploads");
    if (auto opened = uploads_->open(); !opened) return opened;
    thumbnails_ = std::make_unique<Thumbnails>(*store_, clock_, *blobs_);
    picture_maker_ = std::make_unique<PictureMaker>(spoolFolder(options_));
    if (const std::string missing = PictureMaker::missing(); !missing.empty())
        log::info("thumbnails_limited", {{"not_made_of", missing}});
    file_care_ = std::make_unique<FileCare>(clock_, *blob_keys_, *uploads_, *collector_);
    if (options_.files.clamd.empty()) return Done{};
    auto scanner = makeClamdScanner(options_.files.clamd);
    if (!scanner) return scanner.error();
    scanner_ = *std::move(scanner);
    return Done{};
}

std::string App::publicUrl() const {
    if (!options_.public_url.empty()) return options_.public_url;
    return (options_.server.tls_certificate_file.empty() ? "http://" : "https://") + options_.server.host +
           ':' + std::to_string(options_.server.port);
}

api::FileParts App::fileParts() const {
    return {*file_records_,      *blobs_, scanner_.get(), options_.files.quota_bytes, publicUrl(),
            options_.files.types};
}

// Only who may upload gets room on the disk; everybody else's bodies stay as short as they are in memory.
http::ServerOptions App::serverOptions() const {
    http::ServerOptions server = options_.server;
    server.spool_folder = spoolFolder(options_);
    server.spooled_body_limit = [this](const HttpRequest& head) -> std::size_t {
        const bool is_upload = api::bringsFile(head) && router_->authenticate(head, "files:write").ok();
        return is_upload ? api::kMaxUploadBytes : 0;
    };
    return server;
}

}  // namespace signalbox

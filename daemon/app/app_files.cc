// The parts of the composition root that have to do with files.
#include <filesystem>

#include "daemon/app/app.h"
#include "daemon/scan/clamd.h"

namespace signalbox {
namespace {

std::string spoolFolder(const AppOptions& options) {
    return (std::filesystem::path(options.data) / "spool").string();
}

}  // namespace

Status App::buildFiles() {
    blobs_ = std::make_unique<BlobStore>(std::filesystem::path(options_.data) / "blobs");
    if (auto opened = blobs_->open(); !opened) return opened;
    files_ = std::make_unique<Files>(*blobs_, *log_);
    file_records_ = std::make_unique<FileRecords>(*store_, ids_, clock_, *log_);
    std::error_code failure;
    std::filesystem::create_directories(spoolFolder(options_), failure);
    if (failure)
        return Error{ErrorKind::Unavailable, "folder " + spoolFolder(options_) + ": " + failure.message()};
    if (options_.clamd.empty()) return Done{};
    auto scanner = makeClamdScanner(options_.clamd);
    if (!scanner) return scanner.error();
    scanner_ = *std::move(scanner);
    return Done{};
}

api::FileParts App::fileParts() const {
    const std::string here = (options_.server.tls_certificate_file.empty() ? "http://" : "https://") +
                             options_.server.host + ':' + std::to_string(options_.server.port);
    return {*file_records_, *blobs_, scanner_.get(), options_.file_quota_bytes,
            options_.public_url.empty() ? here : options_.public_url};
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

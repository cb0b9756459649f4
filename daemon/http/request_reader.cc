#include "daemon/http/request_reader.h"

#include <algorithm>
#include <utility>

namespace signalbox::http {
namespace {

// A body's announced length is memory only as far as it has come: this much is believed at once.
constexpr std::size_t kBelievedLength = 64 * 1024;

HeadLimits limitsOf(const ServerOptions& options) {
    return {.max_bytes = options.max_header_bytes, .max_request_line = options.max_request_line};
}

}  // namespace

RequestReader::RequestReader(const ServerOptions& options)
    : limits_(limitsOf(options)),
      options_(options),
      max_body_bytes_(options.max_body_bytes),
      finder_(limits_),
      chunks_(max_body_bytes_) {}

void RequestReader::reset() {
    phase_ = Phase::BeforeHead;
    finder_.reset();
}

RequestReader::Progress RequestReader::take(std::string_view& bytes) {
    if (phase_ == Phase::BeforeHead) {
        // RFC 9112, 2.2: one empty line before the request line is forgiven.
        if (bytes == "\r") return Progress::NeedsMore;
        if (bytes.empty()) return Progress::NeedsMore;
        if (bytes.starts_with("\r\n")) bytes.remove_prefix(2);
        phase_ = Phase::Head;
    }
    if (phase_ == Phase::Head) {
        const auto progress = takeHead(bytes);
        if (progress != Progress::Complete) return progress;
    }
    return phase_ == Phase::Body ? takeBody(bytes) : Progress::NeedsMore;
}

RequestReader::Progress RequestReader::takeHead(std::string_view& bytes) {
    const auto found = finder_.find(bytes);
    if (const auto* refusal = std::get_if<Refusal>(&found)) return refuse(*refusal);
    const auto length = std::get<std::size_t>(found);
    if (length == 0) return Progress::NeedsMore;
    auto parsed = parseHead(bytes.substr(0, length), limits_);
    if (const auto* refusal = std::get_if<Refusal>(&parsed)) return refuse(*refusal);
    bytes.remove_prefix(length);
    head_ = std::move(std::get<RequestHead>(parsed));
    return beginBody();
}

RequestReader::Progress RequestReader::beginBody() {
    const bool has_body = head_.is_chunked || head_.content_length > 0;
    const std::size_t spooled =
        has_body && options_.spooled_body_limit ? options_.spooled_body_limit(head_.request) : 0;
    const std::size_t max_bytes = spooled > 0 ? spooled : max_body_bytes_;
    if (head_.content_length > max_bytes)
        return refuse({413, "body_too_large", "the request body is too large"});
    phase_ = Phase::Body;
    body_bytes_received_ = data_bytes_ = 0;
    if (head_.is_chunked) chunks_ = ChunkedBody(max_bytes);
    if (spooled > 0) {
        auto file = BodyFile::create(options_.spool_folder);
        if (!file) return refuse({503, "store_unavailable", "the disk takes no upload at the moment"});
        head_.request.body_file = *std::move(file);
    }
    head_.request.body.reserve(std::min<std::size_t>(head_.content_length, kBelievedLength));
    return Progress::Complete;
}

RequestReader::Progress RequestReader::takeBody(std::string_view& bytes) {
    auto& body = head_.request.body;
    const auto offered = bytes.size();
    if (!head_.is_chunked) {
        const auto n = std::min<std::size_t>(head_.content_length - data_bytes_, offered);
        body.append(bytes.substr(0, n));
        bytes.remove_prefix(n);
        body_bytes_received_ += n;
        data_bytes_ += n;
        return spool(data_bytes_ == head_.content_length ? Progress::Complete : Progress::NeedsMore);
    }
    const auto progress = chunks_.take(bytes, body);
    body_bytes_received_ += offered - bytes.size();
    if (progress == ChunkedBody::Progress::Refused) return refuse(chunks_.refusal());
    return spool(progress == ChunkedBody::Progress::Complete ? Progress::Complete : Progress::NeedsMore);
}

// What has come so far goes to the file; memory holds one read at most.
RequestReader::Progress RequestReader::spool(Progress progress) {
    HttpRequest& request = head_.request;
    if (!request.body_file || request.body.empty()) return progress;
    const bool is_written = request.body_file->append(request.body).ok();
    request.body.clear();
    if (!is_written) return refuse({503, "store_unavailable", "the disk takes no upload at the moment"});
    return progress;
}

RequestReader::Progress RequestReader::refuse(const Refusal& refusal) {
    refusal_ = refusal;
    return Progress::Refused;
}

bool RequestReader::takeContinueWish() {
    return phase_ == Phase::Body && body_bytes_received_ == 0 && std::exchange(head_.expects_continue, false);
}

}  // namespace signalbox::http

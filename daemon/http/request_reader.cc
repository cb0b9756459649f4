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
    if (head_.content_length > max_body_bytes_)
        return refuse({413, "body_too_large", "the request body is too large"});
    phase_ = Phase::Body;
    body_bytes_received_ = 0;
    if (head_.is_chunked) chunks_ = ChunkedBody(max_body_bytes_);
    head_.request.body.reserve(std::min<std::size_t>(head_.content_length, kBelievedLength));
    return Progress::Complete;
}

RequestReader::Progress RequestReader::takeBody(std::string_view& bytes) {
    auto& body = head_.request.body;
    const auto offered = bytes.size();
    if (!head_.is_chunked) {
        const auto n = std::min<std::size_t>(head_.content_length - body.size(), offered);
        body.append(bytes.substr(0, n));
        bytes.remove_prefix(n);
        body_bytes_received_ += n;
        return body.size() == head_.content_length ? Progress::Complete : Progress::NeedsMore;
    }
    const auto progress = chunks_.take(bytes, body);
    body_bytes_received_ += offered - bytes.size();
    if (progress == ChunkedBody::Progress::Refused) return refuse(chunks_.refusal());
    return progress == ChunkedBody::Progress::Complete ? Progress::Complete : Progress::NeedsMore;
}

RequestReader::Progress RequestReader::refuse(const Refusal& refusal) {
    refusal_ = refusal;
    return Progress::Refused;
}

bool RequestReader::takeContinueWish() {
    return phase_ == Phase::Body && body_bytes_received_ == 0 && std::exchange(head_.expects_continue, false);
}

}  // namespace signalbox::http

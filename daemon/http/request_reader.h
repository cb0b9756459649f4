// Turns the bytes of one connection into requests, one after the other. Pure: connection.cc feeds it what
// the socket gave, tests and the fuzzer feed it what they like. One thread at a time.
#pragma once

#include <string_view>

#include "daemon/http/chunked_body.h"
#include "daemon/http/request_head.h"
#include "daemon/http/server.h"

namespace signalbox::http {

class RequestReader {
public:
    explicit RequestReader(const ServerOptions& options);  // which stay
    explicit RequestReader(ServerOptions&&) = delete;

    enum class Progress { NeedsMore, Complete, Refused };
    // Removes from the front of `bytes` what it has used; the caller keeps the rest and shows it again with
    // more behind it. After Complete the request waits in `head` and `reset` begins the next one.
    Progress take(std::string_view& bytes);
    void reset();

    RequestHead& head() { return head_; }
    const RequestHead& head() const { return head_; }
    const Refusal& refusal() const { return refusal_; }
    bool isInBody() const { return phase_ == Phase::Body; }
    // Since the head was complete: what the rate of a body is measured by.
    std::size_t bodyBytesReceived() const { return body_bytes_received_; }
    // True once, when the client holds its body back until it is told to go on.
    bool takeContinueWish();
    bool isSpooling() const { return head_.request.body_file != nullptr; }

private:
    enum class Phase { BeforeHead, Head, Body };

    Progress takeHead(std::string_view& bytes);
    Progress takeBody(std::string_view& bytes);
    Progress beginBody();
    Progress spool(Progress progress);
    Progress refuse(const Refusal& refusal);

    const HeadLimits limits_;
    const ServerOptions& options_;
    const std::size_t max_body_bytes_;
    Phase phase_ = Phase::BeforeHead;
    HeadFinder finder_;
    RequestHead head_;
    ChunkedBody chunks_;
    Refusal refusal_{};
    std::size_t body_bytes_received_ = 0;
    std::size_t data_bytes_ = 0;  // of the body, without the framing of chunks
};

}  // namespace signalbox::http

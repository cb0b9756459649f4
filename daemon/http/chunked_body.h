// Decodes a chunked request body (RFC 9112, 7.1) while it arrives. Trailer fields are checked and dropped.
// Pure; used by request_reader.h on the connection's thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "daemon/http/request_head.h"

namespace signalbox::http {

class ChunkedBody {
public:
    explicit ChunkedBody(std::size_t max_body_bytes) : max_body_bytes_(max_body_bytes) {}

    enum class Progress { NeedsMore, Complete, Refused };
    // Appends the data to `body` and removes what it has understood from the front of `bytes`; a line that
    // has not come whole is left there.
    Progress take(std::string_view& bytes, std::string& body);
    const Refusal& refusal() const { return *refusal_; }

private:
    enum class Expecting { Size, Data, DataEnd, Trailer, Nothing };

    Progress step(std::string_view& bytes, std::string& body);
    Progress takeData(std::string_view& bytes, std::string& body);
    Progress size(std::string_view line, std::size_t received);
    Progress trailer(std::string_view line);
    Progress refuse(Refusal refusal);
    std::optional<std::string_view> takeLine(std::string_view& bytes, std::size_t max_bytes);

    std::size_t max_body_bytes_;
    Expecting expecting_ = Expecting::Size;
    std::size_t chunk_left_ = 0;
    std::size_t received_ = 0;  // data of all chunks: `body` may have been emptied in between
    std::size_t overhead_ = 0;  // size lines and trailers: they must not outweigh the data by much
    std::size_t trailers_ = 0;
    std::optional<Refusal> refusal_;
};

}  // namespace signalbox::http

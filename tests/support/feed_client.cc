#include "tests/support/feed_client.h"

#include <stdexcept>

namespace signalbox {
namespace {

enum Opcode { kText = 1, kClose = 8, kPing = 9, kPong = 10 };

// As a client must send it: masked.
std::string frameOf(int opcode, std::string_view payload) {
    std::string out{static_cast<char>(0x80 | opcode)};
    if (payload.size() < 126) {
        out += static_cast<char>(0x80 | payload.size());
    } else {
        out += {static_cast<char>(0x80 | 126), static_cast<char>(payload.size() >> 8),
                static_cast<char>(payload.size())};
    }
    constexpr std::string_view kMask = "\x12\x34\x56\x78";
    out += kMask;
    for (std::size_t i = 0; i < payload.size(); ++i) out += static_cast<char>(payload[i] ^ kMask[i % 4]);
    return out;
}

}  // namespace

FeedClient::FeedClient(int port, const Json& first_frame, const std::string& query, int receive_buffer)
    : client_(static_cast<std::uint16_t>(port), receive_buffer) {
    client_.send("GET /api/v1/feed" + (query.empty() ? "" : '?' + query) +
                 " HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                 "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
    const std::string head = client_.readUntil("\r\n\r\n");
    if (testing::statusOf(head) != 101) throw std::runtime_error("feed: " + head);
    if (!first_frame.is_null()) say(first_frame);
}

std::optional<Json> FeedClient::next() {
    while (true) {
        const std::string start = client_.readExactly(2);
        std::size_t length = start[1] & 0x7f;
        if (length >= 126) {
            std::size_t extended = 0;
            for (const unsigned char byte : client_.readExactly(length == 126 ? 2 : 8))
                extended = extended << 8 | byte;
            length = extended;
        }
        const std::string payload = client_.readExactly(length);
        const int opcode = start[0] & 0x0f;
        if (opcode == kPing) client_.trySend(frameOf(kPong, payload));
        if (opcode == kClose) {
            if (payload.size() >= 2) {
                close_code =
                    static_cast<unsigned char>(payload[0]) << 8 | static_cast<unsigned char>(payload[1]);
                close_reason = payload.substr(2);
            }
            return std::nullopt;
        }
        if (opcode != kText) continue;
        auto json = parseJson(payload);
        if (!json) throw std::runtime_error("feed: a frame is no JSON: " + payload);
        return std::move(*json);
    }
}

Json FeedClient::nextOf(const std::string& type) {
    while (auto frame = next())
        if (textAt(*frame, "type") == type) return std::move(*frame);
    throw std::runtime_error("feed: closed before a frame of type " + type + ": " + close_reason);
}

void FeedClient::say(const Json& frame) {
    client_.send(frameOf(kText, dumpJson(frame)));
}

}  // namespace signalbox

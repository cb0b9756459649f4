#include <boost/test/unit_test.hpp>
#include <future>
#include <mutex>
#include <thread>

#include "tests/support/http_server.h"
#include "tests/support/raw_client.h"

namespace signalbox::http {
namespace {

using namespace std::chrono_literals;
using testing::echo;
using testing::exchange;
using testing::HttpServer;
using testing::RawClient;
using testing::statusOf;

constexpr std::string_view kHandshake =
    "GET /live?from=7 HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

enum Opcode { kContinuation = 0, kText = 1, kBinary = 2, kClose = 8, kPing = 9, kPong = 10 };

struct Frame {
    int opcode;
    std::string payload;
};

// As a client must send it: masked.
std::string frame(int opcode, std::string_view payload, bool is_last = true) {
    std::string out{static_cast<char>((is_last ? 0x80 : 0) | opcode)};
    if (payload.size() < 126) {
        out += static_cast<char>(0x80 | payload.size());
    } else if (payload.size() < 65536) {
        out += {static_cast<char>(0x80 | 126), static_cast<char>(payload.size() >> 8),
                static_cast<char>(payload.size())};
    } else {
        out += static_cast<char>(0x80 | 127);
        for (int shift = 56; shift >= 0; shift -= 8) out += static_cast<char>(payload.size() >> shift);
    }
    constexpr std::string_view kMask = "\x12\x34\x56\x78";
    out += kMask;
    for (std::size_t i = 0; i < payload.size(); ++i) out += static_cast<char>(payload[i] ^ kMask[i % 4]);
    return out;
}

std::string closeFrame(int code, std::string_view reason = "") {
    return frame(kClose,
                 std::string{static_cast<char>(code >> 8), static_cast<char>(code)} + std::string(reason));
}

class WebSocketClient : public RawClient {
public:
    explicit WebSocketClient(std::uint16_t port, int receive_buffer = 0) : RawClient(port, receive_buffer) {
        send(kHandshake);
        answer = readUntil("\r\n\r\n");
        BOOST_REQUIRE_EQUAL(statusOf(answer), 101);
    }

    Frame read() {
        const auto start = readExactly(2);
        std::size_t length = start[1] & 0x7f;
        if (length >= 126) {
            std::size_t extended = 0;
            for (const unsigned char byte : readExactly(length == 126 ? 2 : 8))
                extended = extended << 8 | byte;
            length = extended;
        }
        return {start[0] & 0x0f, readExactly(length)};
    }

    // The code of the close frame that comes next.
    int readClose() {
        const auto got = read();
        BOOST_REQUIRE_EQUAL(got.opcode, kClose);
        if (got.payload.size() < 2) return 0;
        return static_cast<unsigned char>(got.payload[0]) << 8 | static_cast<unsigned char>(got.payload[1]);
    }

    std::string answer;
};

ServerOptions brisk() {
    ServerOptions options;
    options.stream_close_timeout = 1s;
    return options;
}

// A server whose /live sends back what it is sent.
struct Fixture {
    explicit Fixture(const ServerOptions& options = brisk())
        : server(echo, options,
                 {{"/live", [this](const HttpRequest& request) { return refuse(request); },
                   [this](const HttpRequest& request, const std::shared_ptr<LiveStream>& stream) {
                       open(request, stream);
                   }}}) {}

    std::optional<HttpResponse> refuse(const HttpRequest& request) const {
        if (request.query() == "refuse") return problem(401, "unauthorized", "no ticket");
        return std::nullopt;
    }

    void open(const HttpRequest& request, const std::shared_ptr<LiveStream>& stream) {
        stream->onMessage([stream](std::string message) { stream->send(std::move(message)); });
        stream->onClose([this] { closed.set_value(); });
        opened.set_value({request, stream});
    }

    bool isClosed() { return closed.get_future().wait_for(10s) == std::future_status::ready; }

    std::promise<std::pair<HttpRequest, std::shared_ptr<LiveStream>>> opened;
    std::promise<void> closed;
    HttpServer server;
};

BOOST_AUTO_TEST_SUITE(websocket)

BOOST_AUTO_TEST_CASE(the_handshake_answers_the_key) {
    Fixture fixture;

    const WebSocketClient client(fixture.server.port());

    BOOST_TEST(client.answer.find("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=") != std::string::npos);
    BOOST_TEST(client.answer.find("Beast") == std::string::npos);
    const auto [request, stream] = fixture.opened.get_future().get();
    BOOST_TEST(request.query() == "from=7");
    BOOST_TEST(stream->isWebSocket());
    BOOST_TEST(fixture.server->stats().streams_open == 1u);
}

BOOST_AUTO_TEST_CASE(messages_go_both_ways) {
    Fixture fixture;
    WebSocketClient client(fixture.server.port());

    for (const std::size_t size : {0, 1, 125, 126, 1000, 65535, 65536}) {
        const std::string message(size, 'm');
        client.send(frame(kText, message));
        const auto got = client.read();
        BOOST_TEST(got.opcode == kText);
        BOOST_TEST((got.payload == message));
    }
}

BOOST_AUTO_TEST_CASE(many_messages_keep_their_order) {
    Fixture fixture;
    WebSocketClient client(fixture.server.port());
    const auto stream = fixture.opened.get_future().get().second;

    for (int i = 0; i < 1000; ++i) BOOST_TEST(stream->send(std::to_string(i)));

    for (int i = 0; i < 1000; ++i) BOOST_TEST(client.read().payload == std::to_string(i));
}

BOOST_AUTO_TEST_CASE(a_message_in_fragments_arrives_in_one_piece_with_a_ping_between) {
    Fixture fixture;
    WebSocketClient client(fixture.server.port());

    client.send(frame(kText, "one ", false) + frame(kPing, "beat") + frame(kContinuation, "two ", false) +
                frame(kContinuation, "three"));

    const auto first = client.read(), second = client.read();
    BOOST_TEST(first.opcode == kPong);
    BOOST_TEST(first.payload == "beat");
    BOOST_TEST(second.payload == "one two three");
}

BOOST_AUTO_TEST_CASE(a_message_byte_by_byte_arrives) {
    Fixture fixture;
    WebSocketClient client(fixture.server.port());

    for (const char byte : frame(kText, "gr\xc3\xbc\xc3\x9f")) client.send({&byte, 1});

    BOOST_TEST(client.read().payload == "gr\xc3\xbc\xc3\x9f");
}

BOOST_AUTO_TEST_CASE(frames_that_break_the_protocol_close_the_socket_with_the_right_code) {
    const std::string unmasked = "\x81\x01x";
    const std::string reserved_bit = "\xc1" + frame(kText, "x").substr(1);
    struct Case {
        const char* what;
        std::string bytes;
        int code;
    };
    const std::vector<Case> cases = {
        {"unmasked", unmasked, 1002},
        {"a reserved bit", reserved_bit, 1002},
        {"a reserved opcode", frame(3, "x"), 1002},
        {"a reserved control opcode", frame(11, "x"), 1002},
        {"a ping in fragments", frame(kPing, "x", false), 1002},
        {"a ping that is too long", frame(kPing, std::string(126, 'x')), 1002},
        {"a continuation of nothing", frame(kContinuation, "x"), 1002},
        {"a message within a message", frame(kText, "a", false) + frame(kText, "b"), 1002},
        {"text that is no UTF-8", frame(kText, "\xff"), 1007},
        {"a surrogate", frame(kText, "\xed\xa0\x80"), 1007},
        {"a reason that is no UTF-8", closeFrame(1000, "\xff"), 1002},
        {"a close of one byte", frame(kClose, "x"), 1002},
        {"a close with a code nobody may send", closeFrame(1005), 1002},
        {"a message beyond 64 KiB", frame(kText, std::string(65537, 'x')), 1009},
        {"fragments beyond 64 KiB", frame(kText, std::string(65536, 'x'), false) + frame(kContinuation, "x"),
         1009},
        {"binary", frame(kBinary, "x"), 1003},
        {"a clean close", closeFrame(1000, "bye"), 1000},
    };
    for (const auto& [what, bytes, code] : cases) {
        BOOST_TEST_CONTEXT(what) {
            Fixture fixture;
            WebSocketClient client(fixture.server.port());
            client.trySend(bytes);
            BOOST_TEST(client.readClose() == code);
            client.trySend(closeFrame(1000));
            client.finishSending();
            BOOST_TEST(fixture.isClosed());
        }
    }
}

BOOST_AUTO_TEST_CASE(the_handler_closes_with_its_code_after_what_it_has_sent) {
    Fixture fixture;
    WebSocketClient client(fixture.server.port());
    const auto stream = fixture.opened.get_future().get().second;

    stream->send("last words");
    stream->close(4001, "token revoked");
    BOOST_TEST(!stream->send("more"));

    BOOST_TEST(client.read().payload == "last words");
    BOOST_TEST(client.readClose() == 4001);
    client.send(closeFrame(4001));
    BOOST_TEST(client.readToEnd().empty());
    client.finishSending();
    BOOST_TEST(fixture.isClosed());
}

BOOST_AUTO_TEST_CASE(a_client_that_vanishes_ends_the_stream) {
    Fixture fixture;
    std::optional<WebSocketClient> client(std::in_place, fixture.server.port());
    const auto stream = fixture.opened.get_future().get().second;

    client.reset();

    BOOST_TEST(fixture.isClosed());
    BOOST_TEST(!stream->send("anybody there"));
    BOOST_TEST(stream->queuedBytes() == 0u);
}

BOOST_AUTO_TEST_CASE(a_client_that_does_not_answer_the_close_is_let_go) {
    Fixture fixture;
    WebSocketClient client(fixture.server.port());

    fixture.opened.get_future().get().second->close(1000, "done");

    BOOST_TEST(client.readClose() == 1000);
    BOOST_TEST(fixture.isClosed());
}

BOOST_AUTO_TEST_CASE(a_watcher_that_reads_too_slowly_is_closed_at_the_bound) {
    auto options = brisk();
    options.max_queued_stream_bytes = 64 * 1024;
    Fixture fixture(options);
    WebSocketClient client(fixture.server.port(), 4096);
    const auto stream = fixture.opened.get_future().get().second;

    std::size_t sent = 0, most_queued = 0;
    while (stream->send(std::string(10'000, 'x'))) {
        ++sent;
        most_queued = std::max(most_queued, stream->queuedBytes());
        BOOST_REQUIRE(sent < 10'000u);
    }

    BOOST_TEST(most_queued <= 64u * 1024);
    BOOST_TEST(!stream->send("more"));
    BOOST_TEST(fixture.isClosed());
    BOOST_TEST(client.readToEnd().size() <= sent * 10'100);
}

BOOST_AUTO_TEST_CASE(a_slow_watcher_that_reads_on_is_told_1013) {
    auto options = brisk();
    options.max_queued_stream_bytes = 1000;
    Fixture fixture(options);
    WebSocketClient client(fixture.server.port());
    const auto stream = fixture.opened.get_future().get().second;

    BOOST_TEST(!stream->send(std::string(1001, 'x')));

    BOOST_TEST(client.readClose() == 1013);
}

BOOST_AUTO_TEST_CASE(a_silent_client_is_pinged_and_one_that_answers_stays) {
    auto options = brisk();
    options.ping_interval = 1s;
    Fixture fixture(options);
    WebSocketClient client(fixture.server.port());

    for (int i = 0; i < 3; ++i) {
        const auto ping = client.read();
        BOOST_TEST(ping.opcode == kPing);
        client.send(frame(kPong, ping.payload));
    }
    client.send(frame(kText, "still here"));

    BOOST_TEST(client.read().payload == "still here");
}

BOOST_AUTO_TEST_CASE(a_client_that_answers_no_ping_is_let_go) {
    auto options = brisk();
    options.ping_interval = 1s;
    Fixture fixture(options);
    WebSocketClient client(fixture.server.port());

    BOOST_TEST(client.read().opcode == kPing);
    BOOST_TEST(client.readToEnd().empty());
    BOOST_TEST(fixture.isClosed());
}

BOOST_AUTO_TEST_CASE(stopping_closes_streams_with_1001) {
    Fixture fixture;
    WebSocketClient client(fixture.server.port());

    auto stopped = std::async(std::launch::async, [&] { fixture.server->stop(10s); });

    BOOST_TEST(client.readClose() == 1001);
    client.send(closeFrame(1001));
    client.finishSending();
    stopped.get();
    BOOST_TEST(fixture.isClosed());
}

BOOST_AUTO_TEST_CASE(a_route_may_refuse_before_the_upgrade) {
    Fixture fixture;
    std::string handshake(kHandshake);
    handshake.replace(handshake.find("from=7"), 6, "refuse");
    RawClient client(fixture.server.port());

    client.send(handshake);

    BOOST_TEST(client.readResponse().status == 401);
    client.send("GET /other HTTP/1.1\r\nHost: a\r\n\r\n");
    BOOST_TEST(client.readResponse().status == 200);
}

BOOST_AUTO_TEST_CASE(a_handshake_that_cannot_be_completed_is_refused) {
    Fixture fixture;
    const auto with = [](std::string_view old_text, std::string_view new_text) {
        std::string handshake(kHandshake);
        return handshake.replace(handshake.find(old_text), old_text.size(), new_text);
    };
    const auto answerTo = [&](const std::string& bytes) {
        RawClient client(fixture.server.port());
        client.send(bytes);
        return client.readResponse();
    };

    const auto old_version = answerTo(with("Version: 13", "Version: 8"));
    BOOST_TEST(old_version.status == 426);
    BOOST_TEST(old_version.headers.get("sec-websocket-version") == "13");
    BOOST_TEST(answerTo(with("dGhlIHNhbXBsZSBub25jZQ==", "short")).status == 400);
    BOOST_TEST(answerTo(with("GET", "POST")).status == 405);
    BOOST_TEST(answerTo(std::string(kHandshake) + frame(kText, "too early")).status == 400);
}

BOOST_AUTO_TEST_CASE(a_handler_that_throws_on_a_message_closes_with_1011) {
    HttpServer server(echo, {},
                      {{"/live", {}, [](const HttpRequest&, const std::shared_ptr<LiveStream>& stream) {
                            stream->onMessage([](const std::string&) { throw std::runtime_error("no"); });
                        }}});
    WebSocketClient client(server.port());

    client.send(frame(kText, "x"));

    BOOST_TEST(client.readClose() == 1011);
}

BOOST_AUTO_TEST_CASE(a_stream_may_outlive_the_server) {
    std::shared_ptr<LiveStream> stream;
    {
        Fixture fixture;
        const WebSocketClient client(fixture.server.port());
        stream = fixture.opened.get_future().get().second;
    }

    BOOST_TEST(!stream->send("too late"));
    BOOST_CHECK_NO_THROW(stream->close(1000, ""));
}

BOOST_AUTO_TEST_CASE(many_threads_may_send_to_many_watchers) {
    std::mutex mutex;
    std::vector<std::shared_ptr<LiveStream>> streams;
    HttpServer server(echo, {},
                      {{"/live", {}, [&](const HttpRequest&, const std::shared_ptr<LiveStream>& stream) {
                            std::lock_guard lock(mutex);
                            streams.push_back(stream);
                        }}});
    std::vector<std::unique_ptr<WebSocketClient>> clients;
    for (int i = 0; i < 20; ++i) clients.push_back(std::make_unique<WebSocketClient>(server.port()));
    const auto open = [&] {
        std::lock_guard lock(mutex);
        return streams.size();
    };
    while (open() < clients.size()) std::this_thread::yield();

    {
        std::vector<std::jthread> threads;
        for (int t = 0; t < 4; ++t) {
            threads.emplace_back([&] {
                for (int n = 0; n < 100; ++n) {
                    std::lock_guard lock(mutex);
                    for (const auto& stream : streams) stream->send("event");
                }
            });
        }
    }

    for (auto& client : clients) {
        for (int n = 0; n < 400; ++n) BOOST_REQUIRE_EQUAL(client->read().payload, "event");
    }
}

BOOST_AUTO_TEST_CASE(messages_that_are_sent_at_once_arrive_whole_and_in_order_with_pings_between) {
    Fixture fixture;
    WebSocketClient client(fixture.server.port());
    const auto stream = fixture.opened.get_future().get().second;
    const auto textOf = [](int number) {
        return std::to_string(number) + std::string(static_cast<std::size_t>(number * 7 % 400), 'x');
    };

    std::jthread pinging([&] {
        for (int i = 0; i < 50; ++i) client.send(frame(kPing, "p" + std::to_string(i)));
    });
    for (int i = 0; i < 600; ++i) {
        BOOST_REQUIRE(stream->send(textOf(i)));
    }
    int next = 0, pongs = 0;
    while (next < 600 || pongs < 50) {
        const Frame got = client.read();
        if (got.opcode == kPong) {
            BOOST_REQUIRE_EQUAL(got.payload, "p" + std::to_string(pongs++));
            continue;
        }
        BOOST_REQUIRE_EQUAL(got.opcode, kText);
        BOOST_REQUIRE_EQUAL(got.payload, textOf(next++));
    }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace signalbox::http

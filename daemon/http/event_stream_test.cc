#include <boost/test/unit_test.hpp>
#include <future>

#include "daemon/http/stream_queue.h"
#include "tests/support/http_server.h"
#include "tests/support/raw_client.h"

namespace signalbox::http {
namespace {

using namespace std::chrono_literals;
using testing::echo;
using testing::HttpServer;
using testing::RawClient;
using testing::statusOf;

constexpr std::string_view kGet =
    "GET /live HTTP/1.1\r\nHost: a\r\nAccept: text/event-stream\r\nLast-Event-ID: 41\r\n\r\n";

struct Fixture {
    explicit Fixture(ServerOptions options = {})
        : server(
              echo, options,
              {{"/live", {}, [this](const HttpRequest& request, const std::shared_ptr<LiveStream>& stream) {
                    stream->onClose([this] { closed.set_value(); });
                    opened.set_value({request, stream});
                }}}) {}

    bool isClosed() { return closed.get_future().wait_for(10s) == std::future_status::ready; }

    std::promise<std::pair<HttpRequest, std::shared_ptr<LiveStream>>> opened;
    std::promise<void> closed;
    HttpServer server;
};

BOOST_AUTO_TEST_SUITE(event_stream)

BOOST_AUTO_TEST_CASE(an_event_is_lines_of_data_behind_its_id) {
    BOOST_TEST(eventText("hello", "42") == "id: 42\ndata: hello\n\n");
    BOOST_TEST(eventText("", "") == "data: \n\n");
    BOOST_TEST(eventText("a\nb\r\nc\rd", "") == "data: a\ndata: b\ndata: c\ndata: d\n\n");
    BOOST_TEST(eventText("a\n", "") == "data: a\ndata: \n\n");
}

BOOST_AUTO_TEST_CASE(an_id_cannot_add_a_line) {
    BOOST_TEST(eventText("x", "1\ndata: forged") == "data: x\n\n");
}

BOOST_AUTO_TEST_CASE(events_arrive_with_their_ids) {
    Fixture fixture;
    RawClient client(fixture.server.port());

    client.send(kGet);
    const auto head = client.readUntil("\r\n\r\n");
    const auto [request, stream] = fixture.opened.get_future().get();
    stream->send("one", "42");
    stream->send("two", "43");

    BOOST_TEST(statusOf(head) == 200);
    BOOST_TEST(head.find("content-type: text/event-stream\r\n") != std::string::npos);
    BOOST_TEST(request.headers.get("last-event-id") == "41");
    BOOST_TEST(!stream->isWebSocket());
    BOOST_TEST(client.readUntil("\n\n") == "id: 42\ndata: one\n\n");
    BOOST_TEST(client.readUntil("\n\n") == "id: 43\ndata: two\n\n");
}

BOOST_AUTO_TEST_CASE(many_events_keep_their_order) {
    Fixture fixture;
    RawClient client(fixture.server.port());
    client.send(kGet);
    client.readUntil("\r\n\r\n");
    const auto stream = fixture.opened.get_future().get().second;

    for (int i = 0; i < 1000; ++i) BOOST_TEST(stream->send("x", std::to_string(i)));

    for (int i = 0; i < 1000; ++i)
        BOOST_TEST(client.readUntil("\n\n") == "id: " + std::to_string(i) + "\ndata: x\n\n");
}

BOOST_AUTO_TEST_CASE(a_silent_stream_sends_comments) {
    ServerOptions options;
    options.event_keepalive = 1s;
    Fixture fixture(options);
    RawClient client(fixture.server.port());

    client.send(kGet);
    client.readUntil("\r\n\r\n");

    BOOST_TEST(client.readUntil("\n\n") == ":\n\n");
    BOOST_TEST(client.readUntil("\n\n") == ":\n\n");
}

BOOST_AUTO_TEST_CASE(closing_ends_the_response_after_what_was_sent) {
    Fixture fixture;
    RawClient client(fixture.server.port());
    client.send(kGet);
    client.readUntil("\r\n\r\n");
    const auto stream = fixture.opened.get_future().get().second;

    stream->send("last", "9");
    stream->close(1000, "done");

    BOOST_TEST(client.readToEnd() == "id: 9\ndata: last\n\n");
    client.finishSending();
    BOOST_TEST(fixture.isClosed());
}

BOOST_AUTO_TEST_CASE(a_client_that_leaves_ends_the_stream) {
    Fixture fixture;
    {
        RawClient client(fixture.server.port());
        client.send(kGet);
        client.readUntil("\r\n\r\n");
    }

    BOOST_TEST(fixture.isClosed());
    BOOST_TEST(!fixture.opened.get_future().get().second->send("anybody there", ""));
}

BOOST_AUTO_TEST_CASE(a_watcher_that_reads_too_slowly_is_closed_at_the_bound) {
    ServerOptions options;
    options.max_queued_stream_bytes = 64 * 1024;
    options.stream_close_timeout = 1s;
    Fixture fixture(options);
    RawClient client(fixture.server.port(), 4096);
    client.send(kGet);
    const auto stream = fixture.opened.get_future().get().second;

    int sent = 0;
    while (stream->send(std::string(10'000, 'x'), "")) BOOST_REQUIRE(++sent < 10'000);

    BOOST_TEST(stream->queuedBytes() <= 64u * 1024);
    BOOST_TEST(fixture.isClosed());
    BOOST_TEST(client.readToEnd().size() <= static_cast<std::size_t>(sent) * 10'100 + 1000);
}

BOOST_AUTO_TEST_CASE(stopping_ends_the_response) {
    Fixture fixture;
    RawClient client(fixture.server.port());
    client.send(kGet);
    client.readUntil("\r\n\r\n");

    auto stopped = std::async(std::launch::async, [&] { fixture.server->stop(10s); });

    BOOST_TEST(client.readToEnd().empty());
    client.finishSending();
    stopped.get();
    BOOST_TEST(fixture.isClosed());
}

BOOST_AUTO_TEST_CASE(answers_before_the_stream_arrive_before_it) {
    Fixture fixture;
    RawClient client(fixture.server.port());

    client.send("GET /first HTTP/1.1\r\nHost: a\r\n\r\n" + std::string(kGet));

    BOOST_TEST(client.readResponse().body == "GET /first ");
    BOOST_TEST(statusOf(client.readUntil("\r\n\r\n")) == 200);
}

BOOST_AUTO_TEST_CASE(head_of_a_stream_is_not_a_stream) {
    Fixture fixture;
    RawClient client(fixture.server.port());

    client.send("HEAD /live HTTP/1.1\r\nHost: a\r\n\r\n");
    const auto answer = client.readResponse(true);

    BOOST_TEST(answer.status == 405);
    BOOST_TEST(answer.headers.get("allow") == "GET");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace signalbox::http

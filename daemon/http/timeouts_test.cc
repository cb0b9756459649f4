#include <boost/test/unit_test.hpp>
#include <future>
#include <thread>

#include "tests/support/http_server.h"
#include "tests/support/raw_client.h"

namespace signalbox::http {
namespace {

using namespace std::chrono_literals;
using testing::echo;
using testing::HttpServer;
using testing::RawClient;
using testing::statusOf;

ServerOptions impatient() {
    ServerOptions options;
    options.header_timeout = options.body_timeout = options.idle_timeout = 1s;
    return options;
}

ServerOptions brisk() {
    ServerOptions options;
    options.rate_grace = 1s;
    return options;
}

BOOST_AUTO_TEST_SUITE(timeouts)

BOOST_AUTO_TEST_CASE(a_client_that_says_nothing_is_let_go_without_a_word) {
    HttpServer server(echo, impatient());

    BOOST_TEST(RawClient(server.port()).readToEnd().empty());
}

BOOST_AUTO_TEST_CASE(a_header_that_does_not_end_is_answered_408) {
    HttpServer server(echo, impatient());
    RawClient client(server.port());

    client.send("GET / HTTP/1.1\r\nHost: a\r\n");

    BOOST_TEST(statusOf(client.readToEnd()) == 408);
}

BOOST_AUTO_TEST_CASE(a_header_that_trickles_is_answered_408_all_the_same) {
    HttpServer server(echo, impatient());
    RawClient client(server.port());
    client.send("GET / HTTP/1.1\r\nHost: a\r\n");

    // As long as the server listens it is sent another piece, so that the connection is never silent.
    std::jthread trickle([&](const std::stop_token& stop) {
        while (!stop.stop_requested()) {
            client.trySend("X: y\r\n");
            std::this_thread::sleep_for(300ms);
        }
    });

    BOOST_TEST(statusOf(client.readUntil("\r\n\r\n")) == 408);
}

BOOST_AUTO_TEST_CASE(a_body_that_does_not_come_is_answered_408) {
    HttpServer server(echo, impatient());
    RawClient client(server.port());

    client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc");

    BOOST_TEST(statusOf(client.readToEnd()) == 408);
}

BOOST_AUTO_TEST_CASE(a_body_below_the_lowest_rate_is_answered_408_long_before_the_timeout) {
    HttpServer server(echo, brisk());
    RawClient client(server.port());

    client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\nabc");

    BOOST_TEST(statusOf(client.readToEnd()) == 408);
}

BOOST_AUTO_TEST_CASE(a_connection_without_a_next_request_is_closed) {
    HttpServer server(echo, impatient());
    RawClient client(server.port());

    client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    BOOST_TEST(client.readResponse().status == 200);

    BOOST_TEST(client.readToEnd().empty());
}

BOOST_AUTO_TEST_CASE(a_client_that_does_not_read_its_answer_is_let_go) {
    const auto handler = [](HttpRequest&&, const Responder& responder) {
        responder.reply({200, {}, std::string(8 * 1024 * 1024, 'x')});
    };
    HttpServer server(handler, brisk());
    RawClient client(server.port(), 4096);

    client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    const auto deadline = std::chrono::steady_clock::now() + 20s;
    while (server->stats().requests_total == 0 || server->stats().connections_open > 0) {
        BOOST_REQUIRE(std::chrono::steady_clock::now() < deadline);
        std::this_thread::sleep_for(10ms);
    }

    BOOST_TEST(client.readToEnd().size() < 8u * 1024 * 1024);
}

BOOST_AUTO_TEST_CASE(a_request_in_the_handler_is_not_timed_out) {
    std::promise<Responder> asked;
    HttpServer server([&](HttpRequest&&, Responder responder) { asked.set_value(std::move(responder)); },
                      impatient());
    RawClient client(server.port()), control(server.port());

    client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    const auto responder = asked.get_future().get();
    // The silent one is let go after every time-out there is.
    BOOST_TEST(control.readToEnd().empty());
    responder.reply({200, {}, "slow"});

    BOOST_TEST(client.readResponse().body == "slow");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace signalbox::http

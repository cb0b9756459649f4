#include "daemon/http/server.h"

#include <boost/test/unit_test.hpp>
#include <condition_variable>
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

constexpr std::string_view kGet = "GET /x HTTP/1.1\r\nHost: a\r\n\r\n";
constexpr std::string_view kLastGet = "GET /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

std::string post(std::string_view body, std::string_view fields = "") {
    return "POST /p HTTP/1.1\r\nHost: a\r\n" + std::string(fields) +
           "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

// Keeps the responders until the test answers them.
class Desk {
public:
    Handler handler() {
        return [this](HttpRequest&&, Responder responder) {
            std::lock_guard lock(mutex_);
            waiting_.push_back(std::move(responder));
            came_.notify_all();
        };
    }

    Responder take() {
        std::unique_lock lock(mutex_);
        if (!came_.wait_for(lock, 10s, [&] { return !waiting_.empty(); }))
            throw std::runtime_error("no request came for ten seconds");
        auto responder = std::move(waiting_.front());
        waiting_.erase(waiting_.begin());
        return responder;
    }

private:
    std::mutex mutex_;
    std::condition_variable came_;
    std::vector<Responder> waiting_;
};

BOOST_AUTO_TEST_SUITE(server)

BOOST_AUTO_TEST_CASE(a_request_reaches_the_handler_whole) {
    std::promise<HttpRequest> seen;
    HttpServer server([&](HttpRequest&& request, const Responder& responder) {
        seen.set_value(std::move(request));
        responder.reply({204, {}, ""});
    });
    RawClient client(server.port());

    client.send(post("body", "X-Test: one\r\nx-test: two\r\n"));

    BOOST_TEST(client.readResponse().status == 204);
    const auto request = seen.get_future().get();
    BOOST_TEST(request.method == "POST");
    BOOST_TEST(request.target == "/p");
    BOOST_TEST(request.body == "body");
    BOOST_TEST(request.headers.get("X-TEST") == "one");
    BOOST_TEST(request.remote_address == "127.0.0.1");
}

BOOST_AUTO_TEST_CASE(a_connection_serves_one_request_after_the_other) {
    HttpServer server(echo);
    RawClient client(server.port());

    for (int i = 0; i < 5; ++i) {
        client.send(post("n" + std::to_string(i)));
        BOOST_TEST(client.readResponse().body == "POST /p n" + std::to_string(i));
    }

    const auto stats = server->stats();
    BOOST_TEST(stats.connections_total == 1u);
    BOOST_TEST(stats.connections_open == 1u);
    BOOST_TEST(stats.requests_total == 5u);
}

BOOST_AUTO_TEST_CASE(pipelined_requests_are_answered_in_their_order) {
    HttpServer server(echo);
    RawClient client(server.port());
    std::string requests;
    for (int i = 0; i < 200; ++i) requests += post("n" + std::to_string(i));

    client.send(requests);

    for (int i = 0; i < 200; ++i) BOOST_TEST(client.readResponse().body == "POST /p n" + std::to_string(i));
}

BOOST_AUTO_TEST_CASE(a_pipelined_request_waits_until_the_one_before_is_answered) {
    Desk desk;
    HttpServer server(desk.handler());
    RawClient client(server.port());

    client.send(std::string(kGet) + std::string(kGet));
    desk.take().reply({200, {}, "first"});
    BOOST_TEST(client.readResponse().body == "first");
    desk.take().reply({200, {}, "second"});

    BOOST_TEST(client.readResponse().body == "second");
}

BOOST_AUTO_TEST_CASE(pipelined_answers_that_are_large_all_arrive) {
    const std::string large(300'000, 'x');
    HttpServer server([&](HttpRequest&&, const Responder& responder) { responder.reply({200, {}, large}); });
    RawClient client(server.port());

    for (int i = 0; i < 20; ++i) client.send(kGet);

    for (int i = 0; i < 20; ++i) BOOST_TEST((client.readResponse().body == large));
}

BOOST_AUTO_TEST_CASE(a_connection_closes_when_the_client_asks_for_it) {
    HttpServer server(echo);

    const auto answer = exchange(server.port(), kLastGet);

    BOOST_TEST(statusOf(answer) == 200);
    BOOST_TEST(answer.find("\r\nconnection: close\r\n") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(http_1_0_closes_unless_it_asks_to_stay) {
    HttpServer server(echo);

    BOOST_TEST(statusOf(exchange(server.port(), "GET / HTTP/1.0\r\n\r\n")) == 200);

    RawClient client(server.port());
    client.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    BOOST_TEST(client.readResponse().headers.get("connection") == "keep-alive");
    client.send(kLastGet);
    BOOST_TEST(client.readResponse().status == 200);
}

BOOST_AUTO_TEST_CASE(head_gets_the_length_but_not_the_body) {
    HttpServer server(echo);
    RawClient client(server.port());

    client.send("HEAD /x HTTP/1.1\r\nHost: a\r\n\r\n");
    const auto answer = client.readResponse(true);
    client.send(kGet);

    BOOST_TEST(answer.headers.get("content-length") == "8");
    BOOST_TEST(client.readResponse().body == "GET /x ");
}

BOOST_AUTO_TEST_CASE(a_chunked_body_arrives_in_one_piece) {
    HttpServer server(echo);
    RawClient client(server.port());

    client.send("POST /c HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
    client.send("5;x=y\r\n");
    client.send("defgh\r\n0\r\nTrailer: dropped\r\n\r\n");

    BOOST_TEST(client.readResponse().body == "POST /c abcdefgh");
}

BOOST_AUTO_TEST_CASE(large_bodies_arrive_whole_in_both_directions) {
    HttpServer server(echo);
    RawClient client(server.port());
    std::string body(4 * 1024 * 1024, 'x');
    for (std::size_t i = 0; i < body.size(); i += 997) body[i] = static_cast<char>('a' + i % 26);

    client.send(post(body));

    BOOST_TEST((client.readResponse().body == "POST /p " + body));
}

BOOST_AUTO_TEST_CASE(a_client_that_waits_for_100_continue_is_told_to_go_on) {
    HttpServer server(echo);
    RawClient client(server.port());

    client.send("POST /e HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n");
    BOOST_TEST(client.readUntil("\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n");
    client.send("body");

    BOOST_TEST(client.readResponse().body == "POST /e body");
}

BOOST_AUTO_TEST_CASE(a_body_that_is_too_large_is_refused_before_it_is_sent) {
    HttpServer server(echo);

    const auto answer =
        exchange(server.port(),
                 "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 4194305\r\n\r\n");

    BOOST_TEST(statusOf(answer) == 413);
    BOOST_TEST(answer.find("application/problem+json") != std::string::npos);
    BOOST_TEST(answer.find("\"code\":\"body_too_large\"") != std::string::npos);
    BOOST_TEST(answer.find("\r\nconnection: close\r\n") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_refusal_reaches_a_client_that_goes_on_sending) {
    HttpServer server(echo);
    RawClient client(server.port());

    client.trySend("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9999999\r\n\r\n" +
                   std::string(500'000, 'x'));

    BOOST_TEST(statusOf(client.readToEnd()) == 413);
}

BOOST_AUTO_TEST_CASE(what_follows_an_ambiguous_request_is_never_read_as_a_request) {
    std::atomic<int> handled = 0;
    HttpServer server([&](HttpRequest&&, const Responder& responder) {
        ++handled;
        responder.reply({200, {}, ""});
    });

    const auto answer =
        exchange(server.port(),
                 "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"
                 "0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n");

    BOOST_TEST(statusOf(answer) == 400);
    BOOST_TEST(handled == 0);
    BOOST_TEST(server->stats().refused_total == 1u);
}

BOOST_AUTO_TEST_CASE(a_request_that_follows_a_good_one_is_refused_on_its_own) {
    HttpServer server(echo);

    const auto answer = exchange(server.port(), std::string(kGet) + "GET / HTTP/1.1\r\n\r\n");

    BOOST_TEST(statusOf(answer) == 200);
    BOOST_TEST(answer.find("HTTP/1.1 400 Bad Request") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_client_that_half_closes_still_gets_its_answer) {
    Desk desk;
    HttpServer server(desk.handler());
    RawClient client(server.port());

    client.send(kGet);
    client.finishSending();
    desk.take().reply({200, {}, "late"});

    BOOST_TEST(client.readToEnd().ends_with("\r\n\r\nlate"));
}

BOOST_AUTO_TEST_CASE(a_responder_that_is_dropped_answers_500) {
    HttpServer server([](HttpRequest&&, const Responder&) {});
    RawClient client(server.port());

    client.send(kGet);
    const auto answer = client.readResponse();

    BOOST_TEST(answer.status == 500);
    BOOST_TEST(answer.headers.get("content-type") == "application/problem+json");
}

BOOST_AUTO_TEST_CASE(a_responder_dropped_on_another_thread_answers_500) {
    Desk desk;
    HttpServer server(desk.handler());
    RawClient client(server.port());

    client.send(kGet);
    desk.take();

    BOOST_TEST(client.readResponse().status == 500);
}

BOOST_AUTO_TEST_CASE(a_handler_that_throws_answers_500_and_the_connection_goes_on) {
    HttpServer server([](HttpRequest&& request, const Responder& responder) {
        if (request.method == "POST") throw std::runtime_error("of no use");
        responder.reply({200, {}, "fine"});
    });
    RawClient client(server.port());

    client.send(post("x"));
    BOOST_TEST(client.readResponse().status == 500);
    client.send(kGet);

    BOOST_TEST(client.readResponse().body == "fine");
}

BOOST_AUTO_TEST_CASE(the_first_reply_counts) {
    HttpServer server([](HttpRequest&&, const Responder& responder) {
        const auto copy = responder;
        copy.reply({201, {}, "one"});
        responder.reply({202, {}, "two"});
    });
    RawClient client(server.port());

    client.send(std::string(kGet) + std::string(kGet));

    BOOST_TEST(client.readResponse().body == "one");
    BOOST_TEST(client.readResponse().body == "one");
}

BOOST_AUTO_TEST_CASE(many_threads_may_answer) {
    constexpr int kConnections = 32, kRequests = 50;
    Desk desk;
    HttpServer server(desk.handler());
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&] {
            for (int n = 0; n < kConnections * kRequests / 4; ++n) desk.take().reply({200, {}, "ok"});
        });
    }
    std::vector<std::unique_ptr<RawClient>> clients;
    for (int i = 0; i < kConnections; ++i) clients.push_back(std::make_unique<RawClient>(server.port()));

    int answered = 0;
    for (int n = 0; n < kRequests; ++n) {
        for (auto& client : clients) client->send(kGet);
        for (auto& client : clients) answered += client->readResponse().body == "ok";
    }

    BOOST_TEST(answered == kConnections * kRequests);
}

BOOST_AUTO_TEST_CASE(an_answer_for_a_client_that_left_goes_nowhere) {
    Desk desk;
    HttpServer server(desk.handler());
    {
        RawClient client(server.port());
        client.send(kGet);
    }
    desk.take().reply({200, {}, std::string(1'000'000, 'x')});

    RawClient other(server.port());
    other.send(kGet);
    desk.take().reply({200, {}, "next"});
    BOOST_TEST(other.readResponse().body == "next");
}

BOOST_AUTO_TEST_CASE(a_responder_may_outlive_the_server) {
    Desk desk;
    std::optional<Responder> kept;
    {
        HttpServer server(desk.handler());
        RawClient client(server.port());
        client.send(kGet);
        kept = desk.take();
    }

    BOOST_CHECK_NO_THROW(kept->reply({200, {}, "too late"}));
}

BOOST_AUTO_TEST_CASE(connections_beyond_the_limit_are_told_so) {
    ServerOptions options;
    options.max_connections = 2;
    HttpServer server(echo, options);
    RawClient first(server.port()), second(server.port());
    for (auto* client : {&first, &second}) {
        client->send(kGet);
        BOOST_TEST(client->readResponse().status == 200);
    }

    RawClient third(server.port());

    BOOST_TEST(statusOf(third.readToEnd()) == 503);
    BOOST_TEST(server->stats().refused_total == 1u);
    BOOST_TEST(server->stats().connections_open == 2u);
}

BOOST_AUTO_TEST_CASE(an_address_has_a_limit_of_its_own_and_gets_its_place_back) {
    ServerOptions options;
    options.max_connections_per_address = 1;
    HttpServer server(echo, options);
    {
        RawClient first(server.port());
        first.send(kGet);
        BOOST_TEST(first.readResponse().status == 200);
        BOOST_TEST(statusOf(RawClient(server.port()).readToEnd()) == 503);
        first.send(kLastGet);
        BOOST_TEST(first.readResponse().status == 200);
        BOOST_TEST(first.readToEnd().empty());
    }

    while (server->stats().connections_open > 0) std::this_thread::yield();
    BOOST_TEST(statusOf(exchange(server.port(), kLastGet)) == 200);
}

BOOST_AUTO_TEST_CASE(a_connection_ends_after_its_last_allowed_request) {
    ServerOptions options;
    options.max_requests_per_connection = 2;
    HttpServer server(echo, options);

    const auto answers = exchange(server.port(), std::string(kGet) + std::string(kGet) + std::string(kGet));

    BOOST_TEST(answers.find("connection: close") != std::string::npos);
    BOOST_TEST(server->stats().requests_total == 2u);
}

BOOST_AUTO_TEST_CASE(a_port_that_is_taken_cannot_be_bound) {
    HttpServer server(echo);
    ServerOptions options;
    options.port = server.port();

    const auto second = Server::bind(options, echo, {});

    BOOST_REQUIRE(!second);
    BOOST_TEST(second.error().message ==
               "cannot listen on 127.0.0.1:" + std::to_string(server.port()) + ": Address already in use");
}

BOOST_AUTO_TEST_CASE(stopping_lets_requests_in_flight_finish) {
    Desk desk;
    HttpServer server(desk.handler());
    RawClient busy(server.port()), idle(server.port());
    busy.send(kGet);
    const auto responder = desk.take();

    auto stopped = std::async(std::launch::async, [&] { server->stop(10s); });
    BOOST_TEST(idle.readToEnd().empty());
    responder.reply({200, {}, "finished"});

    const auto answer = busy.readToEnd();
    BOOST_TEST(answer.ends_with("finished"));
    BOOST_TEST(answer.find("connection: close") != std::string::npos);
    stopped.get();
    BOOST_CHECK_THROW(RawClient(server.port()), std::runtime_error);
}

BOOST_AUTO_TEST_CASE(stopping_does_not_wait_longer_than_it_was_told) {
    Desk desk;
    HttpServer server(desk.handler());
    RawClient client(server.port());
    client.send(kGet);
    const auto responder = desk.take();

    server->stop(10ms);
    responder.reply({200, {}, "too late"});

    BOOST_TEST(client.readToEnd().empty());
}

BOOST_AUTO_TEST_CASE(stopping_again_does_nothing) {
    HttpServer server(echo);

    server->stop(1s);
    server->stop(1s);

    BOOST_TEST(server->stats().connections_open == 0u);
}

BOOST_AUTO_TEST_CASE(a_server_that_never_started_can_go) {
    auto server = Server::bind({.port = 0}, echo, {});

    BOOST_REQUIRE(server.ok());
    BOOST_TEST((*server)->port() > 0);
    (*server)->stop(1s);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace signalbox::http

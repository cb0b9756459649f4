#include "connectors/sdk/http_client.h"

#include <atomic>
#include <boost/test/unit_test.hpp>
#include <thread>

#include "tests/support/loopback_server.h"

namespace signalbox {
namespace {

using namespace std::chrono_literals;
using Peer = LoopbackServer::Peer;

const AddressPolicy kLoopback{.allowed_networks = {"127.0.0.0/8"}, .any_port = true};

struct Fixture {
    std::unique_ptr<HttpClient> http = makeHttpClient(kLoopback);

    Result<HttpResponse> send(const std::string& method, const std::string& url, std::string body = {},
                              HttpOptions options = {}) const {
        return http->send({method, url, {}, std::move(body)}, options, {});
    }
};

std::string kindOf(const Result<HttpResponse>& answer) {
    return answer ? "answered" : toString(answer.error().kind);
}

BOOST_FIXTURE_TEST_CASE(a_request_leaves_with_our_framing_and_the_callers_headers, Fixture) {
    std::string seen;
    LoopbackServer server([&](Peer& peer) {
        seen = peer.readRequest();
        peer.write("HTTP/1.1 201 Created\r\nX-Id: 7\r\nContent-Length: 2\r\n\r\nok");
    });
    HttpRequest request{
        "POST", server.url("/a?b=%20c"), {{"Authorization", "Bearer x"}, {"Host", "evil.test"}}, "hello"};

    const auto answer = http->send(request, {}, {});

    BOOST_REQUIRE(answer.ok());
    BOOST_TEST(answer->status == 201);
    BOOST_TEST(answer->headers.get("x-id") == "7");
    BOOST_TEST(answer->body == "ok");
    BOOST_TEST(seen == "POST /a?b=%20c HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(server.port()) +
                           "\r\nAuthorization: Bearer x\r\nUser-Agent: signalbox\r\nAccept: */*\r\n"
                           "Content-Length: 5\r\n\r\nhello");
}

BOOST_FIXTURE_TEST_CASE(a_connection_serves_several_requests, Fixture) {
    LoopbackServer server([](Peer& peer) {
        while (!peer.readRequest().empty()) peer.write(okResponse("x"));
    });

    for (int i = 0; i < 3; ++i) BOOST_TEST(kindOf(send("POST", server.url(), "{}")) == "answered");

    BOOST_TEST(server.accepted() == 1);
}

BOOST_FIXTURE_TEST_CASE(a_connection_that_the_server_closed_meanwhile_is_not_used_again, Fixture) {
    LoopbackServer server([](Peer& peer) {
        peer.readRequest();
        peer.write(okResponse("x"));
    });
    BOOST_TEST(kindOf(send("POST", server.url(), "1")) == "answered");
    server.waitUntilClosed();

    BOOST_TEST(kindOf(send("POST", server.url(), "2")) == "answered");

    BOOST_TEST(server.accepted() == 2);
}

BOOST_FIXTURE_TEST_CASE(a_get_that_meets_a_closing_connection_is_asked_once_more_on_a_fresh_one, Fixture) {
    std::atomic<int> connections = 0;
    LoopbackServer server([&](Peer& peer) {
        const bool is_first = connections++ == 0;
        peer.readRequest();
        peer.write(okResponse("x"));
        if (!is_first) return;
        peer.readRequest();  // the second request of the first connection gets no answer
    });
    BOOST_TEST(kindOf(send("GET", server.url())) == "answered");

    BOOST_TEST(kindOf(send("GET", server.url())) == "answered");

    BOOST_TEST(server.accepted() == 2);
}

BOOST_FIXTURE_TEST_CASE(a_post_that_meets_a_closing_connection_is_uncertain_and_not_repeated, Fixture) {
    LoopbackServer server([](Peer& peer) {
        peer.readRequest();
        peer.write(okResponse("x"));
        peer.readRequest();
    });
    BOOST_TEST(kindOf(send("POST", server.url(), "1")) == "answered");

    BOOST_TEST(kindOf(send("POST", server.url(), "2")) == "uncertain");

    BOOST_TEST(server.accepted() == 1);
}

BOOST_FIXTURE_TEST_CASE(nothing_listening_means_nothing_was_sent, Fixture) {
    int port = 0;
    {
        port = LoopbackServer([](Peer&) {}).port();
    }

    const auto answer = send("POST", "http://127.0.0.1:" + std::to_string(port) + "/secret-token", "x");

    BOOST_TEST(kindOf(answer) == "unavailable");
    BOOST_TEST(answer.error().message.find("secret-token") == std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(a_name_that_does_not_exist_is_unavailable, Fixture) {
    BOOST_TEST(kindOf(send("POST", "http://nowhere.invalid/")) == "unavailable");
}

BOOST_FIXTURE_TEST_CASE(an_unanswered_post_is_uncertain_and_an_unanswered_get_is_not, Fixture) {
    LoopbackServer server([](Peer& peer) { peer.readRequest(); });

    BOOST_TEST(kindOf(send("POST", server.url(), "x")) == "uncertain");
    BOOST_TEST(kindOf(send("DELETE", server.url())) == "uncertain");
    BOOST_TEST(kindOf(send("GET", server.url())) == "unavailable");
}

BOOST_FIXTURE_TEST_CASE(half_an_answer_is_no_answer, Fixture) {
    for (const char* half :
         {"HTTP/1.1 200 OK\r\nContent-Len", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n"}) {
        LoopbackServer server([half](Peer& peer) {
            peer.readRequest();
            peer.write(half);
        });

        BOOST_TEST(kindOf(send("POST", server.url(), "x")) == "uncertain", half);
        BOOST_TEST(kindOf(send("GET", server.url())) == "unavailable", half);
    }
}

BOOST_FIXTURE_TEST_CASE(an_answer_that_is_not_http_is_no_answer, Fixture) {
    LoopbackServer server([](Peer& peer) {
        peer.readRequest();
        peer.write("SSH-2.0-OpenSSH_9.2\r\n\r\n");
    });

    BOOST_TEST(kindOf(send("POST", server.url(), "x")) == "uncertain");
    BOOST_TEST(kindOf(send("GET", server.url())) == "unavailable");
}

BOOST_FIXTURE_TEST_CASE(silence_ends_at_the_read_timeout, Fixture) {
    LoopbackServer server([](Peer& peer) {
        peer.readRequest();
        peer.readRequest();
    });

    const auto answer = send("POST", server.url(), "x", {.read_timeout = 30ms});

    BOOST_TEST(kindOf(answer) == "uncertain");
    BOOST_TEST(answer.error().code == "timeout");
}

BOOST_FIXTURE_TEST_CASE(an_answer_that_drips_ends_at_the_total_timeout, Fixture) {
    LoopbackServer server([](Peer& peer) {
        peer.readRequest();
        peer.write("HTTP/1.1 200 OK\r\n\r\n");
        while (peer.write("x"))
            std::this_thread::sleep_for(1ms);  // the pace of the drip, no waiting for anything
    });

    const auto answer = send("GET", server.url(), {}, {.read_timeout = 10s, .total_timeout = 50ms});

    BOOST_TEST(kindOf(answer) == "unavailable");
    BOOST_TEST(answer.error().code == "timeout");
}

BOOST_FIXTURE_TEST_CASE(a_stop_request_ends_a_waiting_call, Fixture) {
    std::stop_source stop;
    LoopbackServer server([&](Peer& peer) {
        peer.readRequest();
        stop.request_stop();
        peer.readRequest();
    });

    const auto answer = http->send({"POST", server.url(), {}, "x"}, {}, stop.get_token());

    BOOST_TEST(kindOf(answer) == "uncertain");
    BOOST_TEST(answer.error().code == "stopped");
}

BOOST_FIXTURE_TEST_CASE(after_a_stop_request_nothing_is_sent, Fixture) {
    LoopbackServer server([](Peer&) {});
    std::stop_source stop;
    stop.request_stop();

    const auto answer = http->send({"POST", server.url(), {}, "x"}, {}, stop.get_token());

    BOOST_TEST(kindOf(answer) == "unavailable");
}

BOOST_FIXTURE_TEST_CASE(bodies_are_read_by_chunks_and_up_to_the_close, Fixture) {
    for (const char* text :
         {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n",
          "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nabcde", "HTTP/1.0 200 OK\r\n\r\nabcde",
          "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabcde"}) {
        LoopbackServer server([text](Peer& peer) {
            peer.readRequest();
            peer.write(text);
        });

        const auto answer = send("POST", server.url(), "x");

        BOOST_REQUIRE_MESSAGE(answer.ok(), text);
        BOOST_TEST(answer->status == 200);
        BOOST_TEST(answer->body == "abcde");
    }
}

BOOST_FIXTURE_TEST_CASE(an_answer_to_head_has_no_body, Fixture) {
    LoopbackServer server([](Peer& peer) {
        while (!peer.readRequest().empty()) peer.write("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n");
    });

    const auto answer = send("HEAD", server.url());

    BOOST_REQUIRE(answer.ok());
    BOOST_TEST(answer->body.empty());
    BOOST_TEST(answer->headers.get("content-length") == "500");
}

BOOST_FIXTURE_TEST_CASE(a_redirect_is_an_answer_and_is_not_followed, Fixture) {
    LoopbackServer server([](Peer& peer) {
        peer.readRequest();
        peer.write("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1/\r\nContent-Length: 0\r\n\r\n");
    });

    const auto answer = send("GET", server.url());

    BOOST_REQUIRE(answer.ok());
    BOOST_TEST(answer->status == 302);
    BOOST_TEST(server.accepted() == 1);
}

BOOST_FIXTURE_TEST_CASE(an_answer_over_the_limit_is_cut_off, Fixture) {
    LoopbackServer server([](Peer& peer) {
        if (peer.readRequest().starts_with("GET /declared")) {
            peer.write(okResponse(std::string(4096, 'x')));
            return;
        }
        peer.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
        for (int i = 0; i < 64; ++i) peer.write("40\r\n" + std::string(64, 'x') + "\r\n");
        peer.write("0\r\n\r\n");
    });

    BOOST_TEST(kindOf(send("GET", server.url("/declared"), {}, {.max_response_bytes = 4095})) == "rejected");
    BOOST_TEST(kindOf(send("GET", server.url("/declared"), {}, {.max_response_bytes = 4096})) == "answered");
    BOOST_TEST(kindOf(send("GET", server.url("/chunks"), {}, {.max_response_bytes = 4095})) == "rejected");
    BOOST_TEST(kindOf(send("POST", server.url("/chunks"), "x", {.max_response_bytes = 4095})) == "uncertain");
}

BOOST_FIXTURE_TEST_CASE(headers_without_end_are_cut_off, Fixture) {
    LoopbackServer server([](Peer& peer) {
        peer.readRequest();
        peer.write("HTTP/1.1 200 OK\r\n");
        for (int i = 0; i < 4096; ++i) peer.write("X-Filler: " + std::string(64, 'x') + "\r\n");
        peer.readRequest();
    });

    BOOST_TEST(kindOf(send("GET", server.url())) == "rejected");
}

BOOST_FIXTURE_TEST_CASE(a_header_or_method_that_would_split_the_request_never_leaves, Fixture) {
    LoopbackServer server([](Peer&) {});

    BOOST_TEST(kindOf(http->send({"GET", server.url(), {{"X", "a\r\nHost: b"}}}, {}, {})) == "invalid");
    BOOST_TEST(kindOf(http->send({"GET", server.url(), {{"X: y\r\nZ", "a"}}}, {}, {})) == "invalid");
    BOOST_TEST(kindOf(http->send({"GET / HTTP/1.1\r\n", server.url()}, {}, {})) == "invalid");
    BOOST_TEST(kindOf(http->send({"GET", server.url("/\r\nX: y")}, {}, {})) == "invalid");
    BOOST_TEST(server.accepted() == 0);
}

BOOST_FIXTURE_TEST_CASE(large_bodies_travel_whole_in_both_directions, Fixture) {
    LoopbackServer server([](Peer& peer) {
        const auto request = peer.readRequest();
        peer.write(okResponse(request.substr(request.find("\r\n\r\n") + 4)));
    });
    std::string body(3'000'000, 'a');
    body[1'234'567] = 'b';

    const auto answer = send("POST", server.url(), body);

    BOOST_REQUIRE(answer.ok());
    BOOST_TEST((answer->body == body));
}

BOOST_AUTO_TEST_CASE(a_denied_address_is_never_connected_to_however_it_is_written) {
    LoopbackServer server([](Peer&) {});
    const auto http = makeHttpClient({.any_port = true});
    const std::string port = ':' + std::to_string(server.port()) + '/';

    for (const char* host : {"127.0.0.1", "localhost", "127.1", "2130706433", "0x7f.1", "0177.0.0.1", "[::1]",
                             "[::ffff:127.0.0.1]", "0.0.0.0", "[::]"}) {
        const auto answer = http->send({"GET", "http://" + (host + port)}, {}, {});
        BOOST_TEST(kindOf(answer) == "forbidden", host);
    }

    BOOST_TEST(server.accepted() == 0);
}

BOOST_AUTO_TEST_CASE(a_denied_port_is_never_connected_to) {
    LoopbackServer server([](Peer&) {});
    const auto http = makeHttpClient({.allow_any = true});

    BOOST_TEST(kindOf(http->send({"GET", server.url()}, {}, {})) == "forbidden");

    BOOST_TEST(server.accepted() == 0);
}

BOOST_FIXTURE_TEST_CASE(many_threads_share_one_client, Fixture) {
    LoopbackServer server([](Peer& peer) {
        for (auto request = peer.readRequest(); !request.empty(); request = peer.readRequest())
            peer.write(okResponse(request.substr(request.find("\r\n\r\n") + 4)));
    });
    std::atomic<int> right = 0;

    {
        std::vector<std::jthread> callers;
        for (int t = 0; t < 8; ++t) {
            callers.emplace_back([&, t] {
                for (int i = 0; i < 50; ++i) {
                    const std::string body = std::to_string(t * 1000 + i);
                    const auto answer = send("POST", server.url(), body);
                    if (answer && answer->body == body) ++right;
                }
            });
        }
    }

    BOOST_TEST(right == 400);
    BOOST_TEST(server.accepted() <= 16);
}

}  // namespace
}  // namespace signalbox

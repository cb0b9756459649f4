#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <sstream>

#include "daemon/client/program.h"
#include "tests/support/fake_daemon.h"

namespace signalbox::client {
namespace {

class HastyClock : public Clock {
public:
    TimePoint now() const override { return now_; }
    void wait(Wakeup&, TimePoint until, const std::stop_token&) override { now_ = std::max(now_, until); }

private:
    TimePoint now_ = *parseRfc3339("2026-11-21T07:00:00Z");
};

std::string event(int offset, const std::string& text) {
    const Json json = {{"offset", offset},
                       {"type", "message.received"},
                       {"at", "2026-11-21T07:00:00.000Z"},
                       {"account", "wa"},
                       {"data", {{"message", {{"direction", "in"}, {"type", "text"}, {"text", text}}}}}};
    return "id: " + std::to_string(offset) + "\ndata: " + dumpJson(json) + "\n\n";
}

std::string chunk(const std::string& bytes) {
    std::ostringstream size;
    size << std::hex << bytes.size();
    return size.str() + "\r\n" + bytes + "\r\n";
}

const std::string kHead =
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";
const std::string kUnchunked = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n";

struct Fixture {
    Fixture() {
        ::setenv("SIGNALBOX_TOKEN", "sbt_test", 1);
        daemon.answer("GET /api/v1/status", Json{{"log", {{"head", 40}}}});
    }
    ~Fixture() { ::unsetenv("SIGNALBOX_TOKEN"); }

    int tail(std::vector<std::string> arguments) {
        arguments.insert(arguments.begin(), {"tail", "--url", daemon.url()});
        HastyClock clock;
        return runProgram(arguments, "1", {out, err}, clock);
    }
    std::vector<std::string> feedRequests() {
        std::vector<std::string> targets;
        for (const auto& request : daemon.requests()) {
            if (request.path() == "/api/v1/feed") targets.push_back(request.target);
        }
        return targets;
    }

    FakeDaemon daemon;
    std::ostringstream out, err;
};

}  // namespace

BOOST_FIXTURE_TEST_CASE(the_feed_is_followed_behind_the_last_offset_after_each_lost_connection, Fixture) {
    daemon.answerRaw("GET /api/v1/feed",
                     kHead + chunk(event(41, "one")) + chunk(event(42, "two").substr(0, 20)));
    daemon.answerRaw("GET /api/v1/feed", kUnchunked + event(42, "two"));
    daemon.answerRaw("GET /api/v1/feed", kHead + chunk(": still here\n\n") + "0\r\n\r\n");
    daemon.answer("GET /api/v1/feed", 503, R"({"status":503,"code":"stopping","detail":"the daemon stops"})");
    daemon.answerRaw("GET /api/v1/feed", kHead + chunk(event(43, "three") + event(44, "four")));

    const int exit = tail({"--count", "3", "--types", "message.*"});

    BOOST_TEST(exit == 0);
    BOOST_TEST(out.str() ==
               "41  2026-11-21 07:00:00  message.received  wa  ← one\n"
               "42  2026-11-21 07:00:00  message.received  wa  ← two\n"
               "43  2026-11-21 07:00:00  message.received  wa  ← three\n");
    BOOST_TEST(feedRequests() ==
                   (std::vector<std::string>{
                       "/api/v1/feed?from=40&types=message.%2A", "/api/v1/feed?from=41&types=message.%2A",
                       "/api/v1/feed?from=42&types=message.%2A", "/api/v1/feed?from=42&types=message.%2A",
                       "/api/v1/feed?from=42&types=message.%2A"}),
               boost::test_tools::per_element());
    BOOST_TEST(daemon.last().headers.get("authorization") == "Bearer sbt_test");
    BOOST_TEST(err.str().find("feed: the connection was closed; going on behind 41\n") != std::string::npos,
               err.str());
}

BOOST_FIXTURE_TEST_CASE(programs_get_each_event_as_it_was_sent, Fixture) {
    daemon.answerRaw("GET /api/v1/feed", kHead + chunk("data: {\"offset\":7,\"x\":[1, 2]}\n\n"));

    BOOST_TEST(tail({"--json", "--from", "6", "--count", "1"}) == 0);

    BOOST_TEST(out.str() == "{\"offset\":7,\"x\":[1, 2]}\n");
    BOOST_TEST(feedRequests()[0] == "/api/v1/feed?from=6");
}

BOOST_FIXTURE_TEST_CASE(a_refused_feed_ends_the_command, Fixture) {
    daemon.answer("GET /api/v1/feed", 401,
                  R"({"status":401,"code":"token_invalid","detail":"this token is over"})");

    BOOST_TEST(tail({}) == 1);

    BOOST_TEST(err.str().starts_with("signalbox: this token is over (token_invalid)"));
}

BOOST_FIXTURE_TEST_CASE(without_a_daemon_tail_ends_at_once, Fixture) {
    HastyClock clock;
    std::string gone;
    { gone = FakeDaemon().url(); }

    BOOST_TEST(runProgram({"tail", "--from", "0", "--url", gone}, "1", {out, err}, clock) == 3);
}

BOOST_FIXTURE_TEST_CASE(a_reader_that_went_away_ends_the_command, Fixture) {
    daemon.answerRaw("GET /api/v1/feed", kHead + chunk(event(41, "one")) + chunk(event(42, "two")));
    out.setstate(std::ios::badbit);

    BOOST_TEST(tail({}) == 0);
}

}  // namespace signalbox::client

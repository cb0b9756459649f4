#include "daemon/client/event_stream.h"

#include <boost/test/unit_test.hpp>
#include <vector>

namespace signalbox::client {
namespace {

struct Heard {
    std::vector<std::string> events;
    std::size_t enough = 100;
    EventStream stream{[this](const std::string& id, const std::string& data) {
        events.push_back(id + '=' + data);
        return events.size() < enough;
    }};
};

}  // namespace

BOOST_AUTO_TEST_CASE(events_are_the_same_however_the_bytes_are_cut) {
    const std::string bytes =
        ": hello\r\nid: 7\r\ndata: {\"a\":1}\r\n\r\nevent: x\rid:8\rdata:one\rdata: two\r\rretry: "
        "5\n\ndata\n\nid: 9\ndata: no end";

    for (std::size_t step = 1; step < bytes.size(); ++step) {
        Heard heard;
        for (std::size_t at = 0; at < bytes.size(); at += step)
            BOOST_TEST(heard.stream.feed(std::string_view(bytes).substr(at, step)));
        BOOST_TEST(heard.events == (std::vector<std::string>{"7={\"a\":1}", "8=one\ntwo", "8="}),
                   boost::test_tools::per_element());
    }
}

BOOST_AUTO_TEST_CASE(reading_ends_when_the_receiver_had_enough) {
    Heard heard;
    heard.enough = 1;

    BOOST_TEST(!heard.stream.feed("data: 1\n\ndata: 2\n\n"));

    BOOST_TEST(heard.events.size() == 1u);
}

BOOST_AUTO_TEST_CASE(an_event_without_end_is_given_up) {
    Heard heard;
    const std::string piece(1024 * 1024, 'x');
    int pieces = 0;

    while (pieces < 100 && heard.stream.feed(piece)) ++pieces;

    BOOST_TEST(pieces < 20);
}

}  // namespace signalbox::client

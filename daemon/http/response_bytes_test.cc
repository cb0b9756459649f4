#include "daemon/http/response_bytes.h"

#include <boost/test/unit_test.hpp>

namespace signalbox::http {
namespace {

constexpr std::string_view kDate = "Sat, 21 Nov 2026 07:00:00 GMT";

std::string headOf(const HttpResponse& response, ResponseFraming framing = {}) {
    framing.date = kDate;
    std::string out;
    appendHead(out, response, framing);
    return out;
}

BOOST_AUTO_TEST_SUITE(response_bytes)

BOOST_AUTO_TEST_CASE(a_date_is_written_the_way_http_wants_it) {
    BOOST_TEST(httpDate(*parseRfc3339("2026-11-21T07:00:00.999Z")) == kDate);
    BOOST_TEST(httpDate(*parseRfc3339("1994-11-06T08:49:37Z")) == "Sun, 06 Nov 1994 08:49:37 GMT");
}

BOOST_AUTO_TEST_CASE(a_head_tells_date_and_length) {
    BOOST_TEST(headOf({200, {{"content-type", "text/plain"}}, "hello"}) ==
               "HTTP/1.1 200 OK\r\ndate: Sat, 21 Nov 2026 07:00:00 GMT\r\ncontent-length: 5\r\n"
               "content-type: text/plain\r\n\r\n");
}

BOOST_AUTO_TEST_CASE(a_value_cannot_add_a_line) {
    const auto head = headOf({200, {{"location", "/a\r\nset-cookie: x=1"}}, ""});

    BOOST_TEST(head.find("\r\nset-cookie") == std::string::npos);
    BOOST_TEST(head.find("location: /a  set-cookie: x=1\r\n") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_name_that_is_no_token_is_left_out) {
    const auto head = headOf({200, {{"x\r\ny", "1"}, {"", "2"}, {"a b", "3"}, {"x-ok", "4"}}, ""});

    BOOST_TEST(head.ends_with("content-length: 0\r\nx-ok: 4\r\n\r\n"));
}

BOOST_AUTO_TEST_CASE(framing_is_not_the_handlers) {
    const auto head = headOf({200,
                              {{"Content-Length", "99"},
                               {"Transfer-Encoding", "chunked"},
                               {"connection", "close"},
                               {"Server", "x"}},
                              "ab"});

    BOOST_TEST(head.ends_with("content-length: 2\r\n\r\n"));
}

BOOST_AUTO_TEST_CASE(an_answer_that_cannot_have_a_body_tells_no_length) {
    for (const int status : {204, 304}) {
        BOOST_TEST(headOf({status, {}, "ignored"}).find("content-length") == std::string::npos);
        BOOST_TEST(!sendsBody({status, {}, "ignored"}, {}));
    }
    BOOST_TEST(!sendsBody({200, {}, "hello"}, {.is_head_request = true}));
    BOOST_TEST(sendsBody({200, {}, "hello"}, {}));
}

BOOST_AUTO_TEST_CASE(the_end_of_a_connection_is_told) {
    BOOST_TEST(headOf({200, {}, ""}, {.keeps_alive = false}).find("connection: close\r\n") !=
               std::string::npos);
    BOOST_TEST(headOf({200, {}, ""}, {.is_http_1_0 = true}).find("connection: keep-alive\r\n") !=
               std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_status_nobody_knows_goes_out_without_a_reason) {
    BOOST_TEST(headOf({299, {}, ""}).starts_with("HTTP/1.1 299 \r\n"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace signalbox::http

#include "daemon/http/request_reader.h"

#include <boost/test/unit_test.hpp>

namespace signalbox::http {
namespace {

constexpr int kTaken = 200;
constexpr int kUnfinished = 0;

const ServerOptions kOptions;  // lives as long as its readers

struct Case {
    const char* what;
    std::string bytes;
    int status;
};

// 200 when a whole request was read, the status of the refusal, 0 when more bytes are wanted.
int verdict(RequestReader& reader, std::string_view& bytes) {
    switch (reader.take(bytes)) {
        case RequestReader::Progress::Complete:
            return kTaken;
        case RequestReader::Progress::Refused:
            return reader.refusal().status;
        default:
            return kUnfinished;
    }
}

int readAtOnce(std::string_view bytes) {
    RequestReader reader{kOptions};
    return verdict(reader, bytes);
}

// As a slow client sends it: what the reader leaves is shown again with one byte more.
int readByteByByte(std::string_view all) {
    RequestReader reader{kOptions};
    std::string held;
    for (const char c : all) {
        held += c;
        std::string_view bytes = held;
        const int status = verdict(reader, bytes);
        if (status != kUnfinished) return status;
        held.erase(0, held.size() - bytes.size());
    }
    return kUnfinished;
}

void check(const std::vector<Case>& cases) {
    for (const auto& [what, bytes, status] : cases) {
        BOOST_TEST_CONTEXT(what) {
            BOOST_TEST(readAtOnce(bytes) == status);
            BOOST_TEST(readByteByByte(bytes) == status);
        }
    }
}

RequestHead headOf(std::string_view bytes) {
    RequestReader reader{kOptions};
    BOOST_REQUIRE(reader.take(bytes) == RequestReader::Progress::Complete);
    return std::move(reader.head());
}

std::string bodyOf(std::string_view bytes) {
    return headOf(bytes).request.body;
}

std::string get(std::string_view fields) {
    return "GET / HTTP/1.1\r\nHost: a\r\n" + std::string(fields) + "\r\n";
}

std::string post(std::string_view fields, std::string_view body) {
    return "POST / HTTP/1.1\r\nHost: a\r\n" + std::string(fields) + "\r\n" + std::string(body);
}

std::string chunked(std::string_view body) {
    return post("Transfer-Encoding: chunked\r\n", body);
}

BOOST_AUTO_TEST_SUITE(request_reader)

BOOST_AUTO_TEST_CASE(a_request_line_is_method_target_version_and_nothing_else) {
    check({
        {"plain", "GET / HTTP/1.1\r\nHost: a\r\n\r\n", kTaken},
        {"a method of our own", "FROB / HTTP/1.1\r\nHost: a\r\n\r\n", kTaken},
        {"one empty line before", "\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", kTaken},
        {"two empty lines before", "\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"bare LF before", "\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"a space before", " GET / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"two spaces", "GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"a space in the target", "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"a tab for a space", "GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"a space after the version", "GET / HTTP/1.1 \r\nHost: a\r\n\r\n", 400},
        {"no version", "GET /\r\nHost: a\r\n\r\n", 400},
        {"no target", "GET HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"a method that is no token", "G(T / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"a method beyond reason", std::string(33, 'A') + " / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"NUL in the target", std::string("GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n", 28), 400},
        {"a control character in the target", "GET /\x01 HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"a raw byte in the target", "GET /\xc3\xa4 HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"a fragment", "GET /#top HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"a target without a slash", "GET a HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"authority form", "CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n", 400},
        {"asterisk for OPTIONS", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", kTaken},
        {"asterisk for GET", "GET * HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"lower-case protocol", "GET / http/1.1\r\nHost: a\r\n\r\n", 400},
        {"HTTP/1.2", "GET / HTTP/1.2\r\nHost: a\r\n\r\n", 505},
        {"HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
        {"HTTP/0.9", "GET /\r\n\r\n", 400},
        {"HTTP/11", "GET / HTTP/11\r\nHost: a\r\n\r\n", 400},
        {"HTTP/1.10", "GET / HTTP/1.10\r\nHost: a\r\n\r\n", 400},
        {"a TLS greeting", "\x16\x03\x01\x02", 400},
    });
}

BOOST_AUTO_TEST_CASE(the_absolute_form_becomes_the_origin_form) {
    BOOST_TEST(headOf("GET http://a/x?y=1 HTTP/1.1\r\nHost: a\r\n\r\n").request.target == "/x?y=1");
    BOOST_TEST(headOf("GET http://a HTTP/1.1\r\nHost: A\r\n\r\n").request.target == "/");
    BOOST_TEST(headOf("GET https://a?y HTTP/1.1\r\nHost: a\r\n\r\n").request.target == "/?y");

    check({
        {"another host than Host", "GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"user information", "GET http://u@a/ HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"no host", "GET http:///x HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"another scheme", "GET ftp://a/x HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    });
}

BOOST_AUTO_TEST_CASE(a_host_is_named_exactly_once) {
    check({
        {"missing", "GET / HTTP/1.1\r\n\r\n", 400},
        {"missing in 1.0", "GET / HTTP/1.0\r\n\r\n", kTaken},
        {"twice", "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400},
        {"twice in 1.0", "GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n", 400},
        {"empty", "GET / HTTP/1.1\r\nHost:\r\n\r\n", 400},
        {"a list", "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n", 400},
        {"a path", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400},
        {"user information", "GET / HTTP/1.1\r\nHost: u@a\r\n\r\n", 400},
        {"with a port", "GET / HTTP/1.1\r\nHost: a:8080\r\n\r\n", kTaken},
        {"a port that is no number", "GET / HTTP/1.1\r\nHost: a:b\r\n\r\n", 400},
        {"a port beyond reason", "GET / HTTP/1.1\r\nHost: a:123456\r\n\r\n", 400},
        {"IPv6", "GET / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n", kTaken},
        {"IPv6 unclosed", "GET / HTTP/1.1\r\nHost: [::1\r\n\r\n", 400},
    });
}

BOOST_AUTO_TEST_CASE(header_lines_have_one_reading) {
    check({
        {"space before the colon", get("A : b\r\n"), 400},
        {"tab before the colon", get("A\t: b\r\n"), 400},
        {"no colon", get("A\r\n"), 400},
        {"no name", get(": b\r\n"), 400},
        {"a folded line", get("A: b\r\n c\r\n"), 400},
        {"a line folded by a tab", get("A: b\r\n\tc\r\n"), 400},
        {"folded before the first field", "GET / HTTP/1.1\r\n Host: a\r\n\r\n", 400},
        {"bare LF", "GET / HTTP/1.1\r\nHost: a\nB: c\r\n\r\n", 400},
        {"bare LF at the end", "GET / HTTP/1.1\r\nHost: a\r\n\n", 400},
        {"bare LF everywhere", "GET / HTTP/1.1\nHost: a\n\n", 400},
        {"bare CR in a value", get("A: b\rc\r\n"), 400},
        {"two CR", get("A: b\r\r\n"), 400},
        {"NUL in a value", get(std::string_view("A: b\0c\r\n", 8)), 400},
        {"NUL in a name", get(std::string_view("A\0: b\r\n", 7)), 400},
        {"DEL in a value", get("A: b\x7f\r\n"), 400},
        {"a name that is no token", get("A(b): c\r\n"), 400},
        {"a tab in a value", get("A: b\tc\r\n"), kTaken},
        {"UTF-8 in a value", get("A: \xc3\xa4\r\n"), kTaken},
        {"an empty value", get("A:\r\n"), kTaken},
        {"no space after the colon", get("A:b\r\n"), kTaken},
    });

    BOOST_TEST(headOf(get("X-A: \t b c \t\r\n")).request.headers.get("x-a") == "b c");
}

BOOST_AUTO_TEST_CASE(the_length_of_a_body_has_one_reading) {
    check({
        {"a length", post("Content-Length: 3\r\n", "abc"), kTaken},
        {"nothing says there is a body", post("", ""), kTaken},
        {"zero", post("Content-Length: 0\r\n", ""), kTaken},
        {"body of a GET", "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx", kTaken},
        {"too little", post("Content-Length: 3\r\n", "ab"), kUnfinished},
        {"twice the same", post("Content-Length: 3\r\nContent-Length: 3\r\n", "abc"), 400},
        {"twice different", post("Content-Length: 3\r\nContent-Length: 4\r\n", "abc"), 400},
        {"a list of the same", post("Content-Length: 3, 3\r\n", "abc"), 400},
        {"a plus", post("Content-Length: +3\r\n", "abc"), 400},
        {"a minus", post("Content-Length: -3\r\n", "abc"), 400},
        {"hexadecimal", post("Content-Length: 0x3\r\n", "abc"), 400},
        {"a space within", post("Content-Length: 1 0\r\n", "abc"), 400},
        {"a fraction", post("Content-Length: 3.0\r\n", "abc"), 400},
        {"empty", post("Content-Length:\r\n", ""), 400},
        {"more digits than a number has", post("Content-Length: 18446744073709551619\r\n", "abc"), 400},
        {"more than is allowed", post("Content-Length: 4194305\r\n", ""), 413},
        {"both", post("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"), 400},
        {"both, the other way", post("Transfer-Encoding: chunked\r\nContent-Length: 3\r\n", "0\r\n\r\n"),
         400},
        {"chunked", chunked("0\r\n\r\n"), kTaken},
        {"chunked in capitals", post("Transfer-Encoding: Chunked\r\n", "0\r\n\r\n"), kTaken},
        {"chunked twice", post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", ""), 400},
        {"gzip, chunked", post("Transfer-Encoding: gzip, chunked\r\n", ""), 400},
        {"chunked, identity", post("Transfer-Encoding: chunked, identity\r\n", ""), 400},
        {"identity", post("Transfer-Encoding: identity\r\n", ""), 400},
        {"almost chunked", post("Transfer-Encoding: xchunked\r\n", ""), 400},
        {"quoted", post("Transfer-Encoding: \"chunked\"\r\n", ""), 400},
        {"empty encoding", post("Transfer-Encoding:\r\n", ""), 400},
        {"vertical tab", post("Transfer-Encoding: \vchunked\r\n", ""), 400},
        {"chunked in 1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
    });
}

BOOST_AUTO_TEST_CASE(chunks_have_one_reading) {
    const std::string long_extension(257, 'x');
    check({
        {"two chunks", chunked("3\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\n"), kTaken},
        {"an extension", chunked("3;a=b\r\nabc\r\n0\r\n\r\n"), kTaken},
        {"trailer fields", chunked("0\r\nA: b\r\nC: d\r\n\r\n"), kTaken},
        {"zeros before the size", chunked("003\r\nabc\r\n000\r\n\r\n"), kTaken},
        {"no end yet", chunked("3\r\nabc\r\n0\r\n"), kUnfinished},
        {"bare LF after the size", chunked("3\nabc\r\n0\r\n\r\n"), 400},
        {"bare LF after the data", chunked("3\r\nabc\n0\r\n\r\n"), 400},
        {"data longer than its size", chunked("3\r\nabcd\r\n0\r\n\r\n"), 400},
        {"no size", chunked("\r\nabc\r\n"), 400},
        {"a negative size", chunked("-1\r\n"), 400},
        {"a plus", chunked("+3\r\nabc\r\n"), 400},
        {"0x", chunked("0x3\r\nabc\r\n"), 400},
        {"a space before the size", chunked(" 3\r\nabc\r\n"), 400},
        {"a space after the size", chunked("3 \r\nabc\r\n"), 400},
        {"an underscore", chunked("1_0\r\n"), 400},
        {"sixteen digits", chunked("0000000000000003\r\nabc\r\n"), 400},
        {"a size beyond the limit", chunked("fffffffffffffff\r\n"), 413},
        {"a size just beyond the limit", chunked("400001\r\n"), 413},
        {"a long extension", chunked("3;" + long_extension + "\r\nabc\r\n"), 400},
        {"a control character in an extension", chunked("3;a\x01\r\nabc\r\n"), 400},
        {"bare CR in an extension", chunked("3;a\rb\r\nabc\r\n"), 400},
        {"a trailer that is no field", chunked("0\r\nA\r\n\r\n"), 400},
        {"a folded trailer", chunked("0\r\nA: b\r\n c\r\n\r\n"), 400},
        {"bare LF in the trailer", chunked("0\r\nA: b\n\r\n"), 400},
    });

    BOOST_TEST(bodyOf(chunked("3\r\nabc\r\nA;x\r\n0123456789\r\n0\r\nT: u\r\n\r\n")) == "abc0123456789");
}

BOOST_AUTO_TEST_CASE(chunks_that_are_nearly_all_framing_are_refused) {
    std::string body;
    for (int i = 0; i < 100; ++i) body += "1;" + std::string(250, 'x') + "\r\na\r\n";

    BOOST_TEST(readAtOnce(chunked(body)) == 400);
}

BOOST_AUTO_TEST_CASE(many_chunks_of_a_single_byte_are_taken) {
    std::string body, expected(10'000, 'a');
    for (int i = 0; i < 10'000; ++i) body += "1\r\na\r\n";

    BOOST_TEST(bodyOf(chunked(body + "0\r\n\r\n")) == expected);
}

BOOST_AUTO_TEST_CASE(heads_have_limits) {
    std::string fields_64, fields_32k;
    for (int i = 0; i < 63; ++i) fields_64 += "A: b\r\n";
    for (int i = 0; i < 5; ++i) fields_32k += "A: " + std::string(8000, 'b') + "\r\n";
    const std::string target(9000, 'a');

    check({
        {"64 fields", get(fields_64), kTaken},
        {"65 fields", get(fields_64 + "A: b\r\n"), 431},
        {"a field of 8 KiB", get("A: " + std::string(8 * 1024 - 3, 'b') + "\r\n"), kTaken},
        {"a field beyond 8 KiB", get("A: " + std::string(8 * 1024, 'b') + "\r\n"), 431},
        {"32 KiB in all", get(fields_32k), 431},
        {"a request line beyond 8 KiB", "GET /" + target + " HTTP/1.1\r\nHost: a\r\n\r\n", 414},
        {"a request line without an end", "GET /" + target, 414},
        {"a header without an end", "GET / HTTP/1.1\r\nA: " + std::string(33'000, 'b'), 431},
    });
}

BOOST_AUTO_TEST_CASE(an_expectation_is_100_continue_or_refused) {
    BOOST_TEST(headOf(get("Expect: 100-Continue\r\n")).expects_continue);
    BOOST_TEST(!headOf("GET / HTTP/1.0\r\nExpect: 100-continue\r\n\r\n").expects_continue);
    BOOST_TEST(readAtOnce(get("Expect: a-miracle\r\n")) == 417);
}

BOOST_AUTO_TEST_CASE(a_connection_stays_open_unless_one_side_says_otherwise) {
    BOOST_TEST(headOf(get("")).keeps_alive);
    BOOST_TEST(!headOf(get("Connection: close\r\n")).keeps_alive);
    BOOST_TEST(!headOf(get("Connection: x, CLOSE\r\n")).keeps_alive);
    BOOST_TEST(!headOf(get("Connection: keep-alive\r\nConnection: close\r\n")).keeps_alive);
    BOOST_TEST(!headOf("GET / HTTP/1.0\r\n\r\n").keeps_alive);
    BOOST_TEST(headOf("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n").keeps_alive);
}

BOOST_AUTO_TEST_CASE(an_upgrade_needs_both_headers) {
    BOOST_TEST(headOf(get("Connection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r\n")).wants_websocket);
    BOOST_TEST(!headOf(get("Upgrade: websocket\r\n")).wants_websocket);
    BOOST_TEST(!headOf(get("Connection: upgrade\r\nUpgrade: h2c\r\n")).wants_websocket);
}

BOOST_AUTO_TEST_CASE(what_follows_a_request_is_left_for_the_next) {
    const auto two = post("Content-Length: 3\r\n", "abc") + get("X-Second: yes\r\n");
    std::string_view bytes = two;
    RequestReader reader{kOptions};

    BOOST_TEST(verdict(reader, bytes) == kTaken);
    BOOST_TEST(reader.head().request.body == "abc");
    reader.reset();
    BOOST_TEST(verdict(reader, bytes) == kTaken);
    BOOST_TEST(reader.head().request.headers.get("x-second") == "yes");
    BOOST_TEST(bytes.empty());
}

BOOST_AUTO_TEST_CASE(bytes_at_random_are_refused_or_waited_for_but_never_break_the_reader) {
    const auto good = chunked("3;a=b\r\nabc\r\n0\r\nT: u\r\n\r\n");
    std::uint32_t seed = 1;
    const auto random = [&] { return seed = seed * 1664525u + 1013904223u, seed >> 8; };
    int taken = 0, refused = 0;
    for (int i = 0; i < 20'000; ++i) {
        auto bytes = good;
        for (auto n = random() % 3; n-- > 0;) bytes[random() % bytes.size()] = static_cast<char>(random());
        const int at_once = readAtOnce(bytes);
        BOOST_REQUIRE_EQUAL(at_once, readByteByByte(bytes));
        (at_once == kTaken ? taken : refused) += 1;
    }

    BOOST_TEST(taken > 0);
    BOOST_TEST(refused > 0);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace signalbox::http

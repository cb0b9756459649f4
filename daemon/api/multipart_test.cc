#include "daemon/api/multipart.h"

#include <boost/test/unit_test.hpp>

#include "daemon/api/byte_range.h"

namespace signalbox::api {
namespace {

constexpr const char* kType = "multipart/form-data; boundary=xyz";

std::string part(const std::string& disposition, const std::string& content) {
    return "--xyz\r\nContent-Disposition: form-data; " + disposition + "\r\n\r\n" + content + "\r\n";
}

std::string codeOf(const std::string& body, const char* type = kType) {
    const auto parts = readMultipart(type, body);
    return parts ? "ok" : parts.error().code;
}

}  // namespace

BOOST_AUTO_TEST_CASE(parts_come_with_their_names_and_exact_bytes) {
    const std::string binary("\r\n--xy\0\xff--xyz not at a line's start", 35);
    const auto parts =
        readMultipart(kType, part("name=\"project\"", "roof") +
                                 part("name=\"file\"; filename=\"a \\\"b\\\".png\"", binary) +
                                 part("name=file; filename*=UTF-8''%C3%A9.txt", "") + "--xyz--\r\n");

    BOOST_REQUIRE(parts.ok());
    BOOST_REQUIRE(parts->size() == 3U);
    BOOST_TEST((*parts)[0].name == "project");
    BOOST_TEST((*parts)[0].content == "roof");
    BOOST_TEST((*parts)[1].file_name == "a \"b\".png");
    BOOST_TEST((*parts)[1].content == binary);
    BOOST_TEST((*parts)[2].file_name == "é.txt");
    BOOST_TEST((*parts)[2].content.empty());
}

BOOST_AUTO_TEST_CASE(what_is_cut_off_or_endless_is_refused) {
    const std::string whole = part("name=\"a\"", "x") + "--xyz--";
    for (std::size_t length = 0; length < whole.size(); ++length)
        BOOST_TEST(codeOf(whole.substr(0, length)) == "multipart_invalid");
    BOOST_TEST(codeOf(whole) == "ok");
    BOOST_TEST(codeOf(whole, "multipart/form-data") == "multipart_invalid");
    BOOST_TEST(codeOf(part("filename=\"x\"", "") + "--xyz--") == "multipart_invalid");
    BOOST_TEST(codeOf("--xyz\r\nx: " + std::string(20'000, 'a') + "\r\n\r\n\r\n--xyz--") ==
               "multipart_invalid");
    std::string many;
    for (int i = 0; i < 65; ++i) many += part("name=\"a\"", "x");
    BOOST_TEST(codeOf(many + "--xyz--") == "multipart_invalid");
}

BOOST_AUTO_TEST_CASE(one_range_is_understood_and_everything_else_is_the_whole) {
    const auto text = [](const char* header, std::uint64_t size) {
        const auto answer = rangeOf(header, size);
        if (answer.is_unsatisfiable) return std::string("none");
        return (answer.is_partial ? "part " : "whole ") + std::to_string(answer.range.offset) + '+' +
               std::to_string(answer.range.length);
    };

    BOOST_TEST(text("", 10) == "whole 0+10");
    BOOST_TEST(text("bytes=2-4", 10) == "part 2+3");
    BOOST_TEST(text("bytes=2-", 10) == "part 2+8");
    BOOST_TEST(text("bytes=-3", 10) == "part 7+3");
    BOOST_TEST(text("bytes=-30", 10) == "part 0+10");
    BOOST_TEST(text("bytes=5-99", 10) == "part 5+5");
    BOOST_TEST(text("bytes=10-", 10) == "none");
    BOOST_TEST(text("bytes=-0", 10) == "none");
    BOOST_TEST(text("bytes=1-2,4-5", 10) == "whole 0+10");
    BOOST_TEST(text("bytes=4-2", 10) == "whole 0+10");
    BOOST_TEST(text("lines=1-2", 10) == "whole 0+10");
}

}  // namespace signalbox::api

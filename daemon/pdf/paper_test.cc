#include "daemon/pdf/paper.h"

#include <boost/test/unit_test.hpp>
#include <fstream>
#include <iterator>

#include "tests/support/temp_folder.h"

namespace signalbox::pdf {
namespace {

std::string contentOf(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

std::size_t pagesOf(const std::string& pdf) {
    std::size_t count = 0;
    for (auto at = pdf.find("/Type /Page "); at != std::string::npos; at = pdf.find("/Type /Page ", at + 1))
        ++count;
    return count;
}

struct Sheet {
    TempFolder folder;
    std::string path = folder.file("out.pdf");
    std::unique_ptr<Paper> paper = *Paper::create(path);
};

}  // namespace

BOOST_AUTO_TEST_SUITE(paper)

BOOST_FIXTURE_TEST_CASE(a_short_text_is_one_page, Sheet) {
    BOOST_TEST(paper->draw({"Hello"}).ok());
    BOOST_TEST(paper->finish().ok());
    BOOST_TEST(contentOf(path).starts_with("%PDF-"));
    BOOST_TEST(pagesOf(contentOf(path)) == 1u);
}

BOOST_FIXTURE_TEST_CASE(a_long_text_goes_on_on_the_next_page, Sheet) {
    std::string text;
    for (int i = 0; i < 150; ++i) text += "line " + std::to_string(i) + '\n';
    BOOST_TEST(paper->draw({text}).ok());
    BOOST_TEST(paper->finish().ok());
    BOOST_TEST(pagesOf(contentOf(path)) >= 3u);
}

BOOST_FIXTURE_TEST_CASE(a_block_that_wants_room_begins_a_page, Sheet) {
    BOOST_TEST(paper->draw({"first"}).ok());
    BOOST_TEST(paper->draw({.text = "second", .room = 800}).ok());
    BOOST_TEST(paper->finish().ok());
    BOOST_TEST(pagesOf(contentOf(path)) == 2u);
}

BOOST_FIXTURE_TEST_CASE(bytes_that_are_no_text_are_drawn_as_well_as_may_be, Sheet) {
    BOOST_TEST(paper->draw({std::string("\xff\xfe\x00 \x1b[31m שלום 你好 🎉", 32)}).ok());
    BOOST_TEST(paper->finish().ok());
    BOOST_TEST(pagesOf(contentOf(path)) == 1u);
}

BOOST_AUTO_TEST_CASE(a_file_that_cannot_be_made_is_an_error) {
    BOOST_TEST(!Paper::create("/nowhere/out.pdf").ok());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace signalbox::pdf

#include "connectors/sdk/config_reader.h"

#include <boost/test/unit_test.hpp>

namespace signalbox {
namespace {

using namespace std::chrono_literals;

BOOST_AUTO_TEST_CASE(fields_are_read_by_their_type) {
    const Json config = {{"name", "a"}, {"token", "b"}, {"wait_s", 5}, {"is_on", true}};
    ConfigReader read(config);

    BOOST_TEST(read.text("name") == "a");
    BOOST_TEST(read.secret("token").reveal() == "b");
    BOOST_TEST((read.seconds("wait_s") == 5s));
    BOOST_TEST(read.flag("is_on"));
    BOOST_TEST(read.optionalText("comment").empty());
    BOOST_TEST(read.status().ok());
}

BOOST_AUTO_TEST_CASE(every_field_that_is_missing_or_of_another_type_is_named_at_once) {
    const Json config = {{"wait_s", "5"}, {"is_on", 1}, {"comment", 7}};
    ConfigReader read(config);

    read.text("name");
    read.seconds("wait_s");
    read.flag("is_on");
    read.optionalText("comment");

    BOOST_REQUIRE(!read.status().ok());
    BOOST_TEST(toString(read.status().error().kind) == "invalid");
    BOOST_TEST(read.status().error().message ==
               "config: missing or of the wrong type: name, wait_s, is_on, comment");
}

}  // namespace
}  // namespace signalbox

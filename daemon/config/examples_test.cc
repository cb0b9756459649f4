// The configurations that are shown to people are right.
#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <fstream>
#include <regex>

#include "daemon/config/config.h"
#include "tests/build_places.h"
#include "tests/support/temp_folder.h"

namespace signalbox::config {
namespace {

std::string read(const std::string& file) {
    std::ifstream in(std::string(SIGNALBOX_SOURCE_DIR) + '/' + file, std::ios::binary);
    BOOST_REQUIRE_MESSAGE(in.is_open(), file);
    return std::string(std::istreambuf_iterator<char>(in), {});
}

// The faults, or how many accounts there are.
std::string load(const std::string& text) {
    const TempFolder folder;
    std::ofstream(folder.file("signalbox.yaml"), std::ios::binary) << text;
    const auto config = loadConfig(folder.file("signalbox.yaml"), installedSchemas());
    return config ? std::to_string(config->accounts.size()) + " accounts" : config.error().message;
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_example_configuration_is_right) {
    BOOST_TEST(load(read("etc/signalbox.yaml")) == "0 accounts");
}

BOOST_AUTO_TEST_CASE(what_the_example_configuration_shows_in_comments_is_right_too) {
    std::string text = read("etc/signalbox.yaml");
    // Every line «# key: …» or «#  - name: …» becomes a line of the file; a sentence does not look like that.
    text = std::regex_replace(text, std::regex("accounts: \\[\\]"), "accounts:");
    text = std::regex_replace(text, std::regex("\n( *)# ( *)(- )?([a-z_]+:( [^\\n]*)?)(?=\n)"), "\n$1$2$3$4");
    text = std::regex_replace(text, std::regex("\n  *url: sqlite[^\\n]*"), "");
    text = std::regex_replace(text, std::regex("\\$\\{file:[^}]*database_url\\}"), "postgresql://u@h/db");
    text = std::regex_replace(text, std::regex("\\$\\{file:[^}]*shop_webhook_secret\\}"), "whsec_c2VjcmV0");
    text = std::regex_replace(text, std::regex("\\$\\{file:[^}]*\\}"), "secret");

    BOOST_TEST(load(text) == "5 accounts");
}

BOOST_AUTO_TEST_CASE(the_configuration_of_the_demo_is_right) {
    ::setenv("SIGNALBOX_DEMO_PROVIDER", "http://127.0.0.1:1", 1);

    BOOST_TEST(load(read("etc/demo/signalbox.yaml")) == "1 accounts");
}

}  // namespace signalbox::config

// A runner of cases that sees no difference would make every case pass.
#include "tests/support/connector_cases.h"
#include "tests/build_places.h"

#include <boost/test/unit_test.hpp>
#include <functional>

#include "tests/support/json_difference.h"

namespace signalbox {
namespace {

ConnectorCase caseOf(const std::string& file, std::size_t index) {
    const std::string folder = SIGNALBOX_SOURCE_DIR "/connectors/whatsapp_cloud";
    for (const auto& test_case : loadConnectorCases(folder)) {
        if (test_case.name.starts_with(file + ':') && index-- == 0) return test_case;
    }
    throw std::runtime_error("no such case in " + file);
}

std::size_t faultsAfter(ConnectorCase test_case, const std::function<void(Json&)>& change) {
    change(test_case.json);
    return runConnectorCase(*findConnectorType("whatsapp_cloud"), test_case).size();
}

BOOST_AUTO_TEST_CASE(a_case_on_the_way_in_fails_for_each_thing_that_is_not_as_it_says) {
    const ConnectorCase text = caseOf("in_text.yaml", 0);

    BOOST_TEST(faultsAfter(text, [](Json&) {}) == 0);
    BOOST_TEST(faultsAfter(text, [](Json& json) { json["envelopes"][0]["text"] = "other"; }) == 1);
    BOOST_TEST(faultsAfter(text, [](Json& json) { json["envelopes"][0]["from"]["identities"].erase(0); }) ==
               1);
    BOOST_TEST(faultsAfter(text, [](Json& json) { json["envelopes"].push_back(Json::object()); }) == 1);
    BOOST_TEST(faultsAfter(text, [](Json& json) { json["exact"] = true; }) == 1);
    BOOST_TEST(faultsAfter(text, [](Json& json) { json["quarantine"] = "why"; }) == 1);
    BOOST_TEST(faultsAfter(text, [](Json& json) { json["reply"] = {{"status", 201}}; }) == 1);
    BOOST_TEST(faultsAfter(text, [](Json& json) { json["error"] = {{"kind", "invalid"}}; }) == 1);
    BOOST_TEST(faultsAfter(text, [](Json& json) { json["webhook"]["signature"] = "wrong"; }) == 1);
}

BOOST_AUTO_TEST_CASE(a_case_on_the_way_out_fails_for_each_thing_that_is_not_as_it_says) {
    const ConnectorCase text = caseOf("out_text.yaml", 0);

    BOOST_TEST(faultsAfter(text, [](Json&) {}) == 0);
    BOOST_TEST(faultsAfter(text, [](Json& json) { json["receipt"]["external_id"] = "other"; }) == 1);
    BOOST_TEST(faultsAfter(text, [](Json& json) { json["requests"][0]["url"] = "https://other.test"; }) == 1);
    BOOST_TEST(faultsAfter(text, [](Json& json) { json["requests"][0]["headers"]["Authorization"] = "x"; }) ==
               1);
    BOOST_TEST(faultsAfter(text, [](Json& json) { json["requests"][0]["body_json"].erase("to"); }) >= 1);
    BOOST_TEST(faultsAfter(text, [](Json& json) { json["requests"].push_back(Json::object()); }) == 1);
    BOOST_TEST(faultsAfter(text, [](Json& json) { json["answers"].push_back({{"status", 200}}); }) == 1);
    BOOST_TEST(faultsAfter(text, [](Json& json) { json["answers"][0]["status"] = 400; }) >= 1);
}

BOOST_AUTO_TEST_CASE(only_named_members_are_compared_and_null_means_absent) {
    const Json actual = {{"a", 1}, {"b", {{"c", "x"}}}, {"list", {1, 2}}};

    BOOST_TEST(missingFrom(actual, {{"a", 1}, {"b", Json::object()}, {"z", nullptr}}).empty());
    BOOST_TEST(missingFrom(actual, {{"a", nullptr}}).size() == 1);
    BOOST_TEST(missingFrom(actual, {{"list", {1}}}).size() == 1);
    BOOST_TEST(missingFrom(actual, {{"b", {{"c", "y"}}}}).at(0) == ".b.c: expected \"y\", got \"x\"");
}

}  // namespace
}  // namespace signalbox

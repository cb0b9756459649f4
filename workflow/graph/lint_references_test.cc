#include <boost/test/unit_test.hpp>

#include "workflow/graph/lint.h"

namespace signalbox::workflow {
namespace {

// «code path» of what is found for one node behind a manual trigger; the organization has what ends in _ok.
std::vector<std::string> found(const std::string& node) {
    LintContext context;
    context.knows = [](std::string_view, const std::string& name) { return name.ends_with("_ok"); };
    std::vector<std::string> out;
    const std::string graph = R"({"nodes":[{"id":"t","type":"trigger.manual","data":{}},)" + node +
                              R"(],"edges":[{"id":"e","source":"t","target":"n"}]})";
    for (const auto& finding : lintText(graph, context)) out.push_back(finding.code + ' ' + finding.path);
    return out;
}

}  // namespace

BOOST_AUTO_TEST_CASE(what_the_organization_does_not_have_is_a_warning_with_its_place) {
    BOOST_TEST(found(R"({"id":"n","type":"business_hours","data":{"calendar":"bonn"}})") ==
                   std::vector<std::string>{"unknown_reference nodes[1].data.calendar"},
               boost::test_tools::per_element());
    BOOST_TEST(found(R"({"id":"n","type":"http_request","data":{"url":"https://x.test","credential":"crm"}})")
                   .size() == 1U);
    BOOST_TEST(found(R"({"id":"n","type":"sub_workflow","data":{"workflow":"gone"}})").size() == 1U);
    BOOST_TEST(found(R"({"id":"n","type":"send_sms","data":{"to":"+491","text":"x"}})") ==
                   std::vector<std::string>{"no_account nodes[1].data.account"},
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(what_is_there_or_only_known_later_is_no_finding) {
    BOOST_TEST(found(R"({"id":"n","type":"business_hours","data":{"calendar":"bonn_ok"}})").empty());
    BOOST_TEST(found(R"({"id":"n","type":"business_hours","data":{"calendar":"{{ trigger.c }}"}})").empty());
    BOOST_TEST(
        found(R"({"id":"n","type":"business_hours","data":{"hours":{"mon":["09:00-17:00"]}}})").empty());
    BOOST_TEST(found(R"({"id":"n","type":"send_sms","data":{"text":"x"}})").empty());
}

}  // namespace signalbox::workflow

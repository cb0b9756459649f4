#include <boost/test/unit_test.hpp>

#include "tests/support/node_probe.h"

using namespace signalbox;
using namespace signalbox::workflow;

namespace {

const std::string kEvent =
    R"({"first_contact":true,"message":{"channel":"whatsapp","account":"sales","type":"text",
    "text":"  What is the PRICE?","from":{"phone":"+491701234567"}}})";

struct Case {
    const char* params;
    bool matches;
};
const Case kCases[] = {
    {R"({})", true},
    {R"({"channel":"whatsapp"})", true},
    {R"({"channel":["sms","whatsapp"]})", true},
    {R"({"channel":"sms"})", false},
    {R"({"channel":""})", true},
    {R"({"account":"sales"})", true},
    {R"({"account":"support"})", false},
    {R"({"message_type":"text"})", true},
    {R"({"type":"image"})", false},
    {R"({"type":"trigger.message"})", true},
    {R"({"text":"price"})", true},
    {R"({"text":{"contains":"Price"}})", true},
    {R"({"text":{"equals":"what is the price?"}})", true},
    {R"({"text":{"equals":"price"}})", false},
    {R"({"text":{"matches":"(?i)^\\s*what .* price"}})", true},
    {R"({"text":{"matches":"^price"}})", false},
    {R"({"first_contact":true})", true},
    {R"({"first_contact":false})", false},
    {R"({"condition":"message.from.phone starts_with \"+49\""})", true},
    {R"({"condition":"message.from.phone starts_with \"+44\""})", false},
    {R"({"channel":"whatsapp","text":"cost"})", false},
};

}  // namespace

BOOST_AUTO_TEST_CASE(a_message_starts_a_run_when_all_filters_hold) {
    for (const auto& one : kCases)
        BOOST_TEST(NodeProbe("trigger.message", one.params).matches(kEvent) == one.matches, one.params);
}

BOOST_AUTO_TEST_CASE(a_bad_pattern_or_condition_is_a_fault_of_the_node) {
    BOOST_TEST(NodeProbe("trigger.message", R"({"text":{"matches":"("}})").faults().size() == 1U);
    BOOST_TEST(NodeProbe("trigger.message", R"({"condition":"a b"})").faults().size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_filter_cannot_smuggle_an_expression_in_through_its_text) {
    BOOST_TEST(!NodeProbe("trigger.message", R"({"text":"\" or true or \""})").matches(kEvent));
}

BOOST_AUTO_TEST_CASE(machines_mail_and_history_start_a_run_only_where_they_are_asked_for) {
    const auto event = [](const char* content, const char* direction = "in") {
        return std::string(R"({"message":{"channel":"email","direction":")") + direction + R"(","content":)" +
               content + "}}";
    };
    const std::string person = event(R"({"subject":"s"})"),
                      list = event(R"({"auto_kind":"list","may_auto_reply":false})"),
                      own_group = event(R"({"auto_kind":"list"})"),
                      suppressed = event(R"({"may_auto_reply":false})");
    const auto starts = [](const char* params, const std::string& event) {
        return NodeProbe("trigger.message", params).matches(event);
    };

    BOOST_TEST(starts("{}", person));
    BOOST_TEST(starts("{}", own_group));
    BOOST_TEST(!starts("{}", list));
    BOOST_TEST(!starts("{}", suppressed));
    BOOST_TEST(starts(R"({"include_automatic":true})", suppressed));
    BOOST_TEST(starts(R"({"include_automatic":["list"]})", list));
    BOOST_TEST(!starts(R"({"include_automatic":["bounce"]})", list));
    BOOST_TEST(!starts(R"({"include_history":true})", event("{}", "out")));
    BOOST_TEST(!NodeProbe("trigger.message", R"({"include_automatic":["everything"]})").faults().empty());
    const NodeType& type = *findNodeType("trigger.message");
    const auto typesFor = [&](const char* params) { return type.eventTypesFor(Json::parse(params)); };
    BOOST_TEST(typesFor("{}") == (std::vector<std::string>{"message.received"}),
               boost::test_tools::per_element());
    BOOST_TEST(typesFor(R"({"include_automatic":["bounce"]})") ==
                   (std::vector<std::string>{"message.received", "message.auto_received"}),
               boost::test_tools::per_element());
    BOOST_TEST(typesFor(R"({"include_history":true})") ==
                   (std::vector<std::string>{"message.received", "message.imported"}),
               boost::test_tools::per_element());
}

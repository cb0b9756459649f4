#include "workflow/event_types.h"

#include <boost/test/unit_test.hpp>

namespace signalbox::workflow {
namespace {

std::string fault(std::string_view type, const Json& data) {
    const auto checked = checkAppendable(type, data);
    return checked ? "" : checked.error().code + ": " + checked.error().message;
}

BOOST_AUTO_TEST_CASE(the_examples_of_all_types_fit_their_schemas) {
    BOOST_REQUIRE(eventTypes().size() > 25U);
    for (const auto& type : eventTypes()) {
        BOOST_TEST(!type.title().empty(), type.name);
        for (const Json& example : type.schema->json().at("examples")) {
            const auto faults = type.schema->validate(example);
            BOOST_TEST(faults.empty(), type.name << ": " << (faults.empty() ? "" : faults[0].path));
        }
    }
}

BOOST_AUTO_TEST_CASE(other_systems_append_what_the_hub_does_not_tell_itself) {
    BOOST_TEST(fault("lead.created", {{"lead", {{"id", "l1"}}}}) == "");
    BOOST_TEST(fault("custom.order-paid", {{"anything", 1}}) == "");
    BOOST_TEST(fault("message.received", Json::object()).starts_with("event_type_reserved: "));
    BOOST_TEST(fault("lead.creatd", Json::object()).starts_with("event_type_unknown: "));
    BOOST_TEST(fault("custom.", Json::object()).starts_with("event_type_unknown: "));
    BOOST_TEST(fault("lead.created", {{"lead", {{"name", "Ann"}}}}).starts_with("event_invalid: data.lead"));
    BOOST_TEST(fault("call.ended", {{"call", {{"id", "c"}, {"duration_s", -1}}}})
                   .starts_with("event_invalid: data.call.duration_s"));
    BOOST_TEST(fault("custom.x", Json::array()).starts_with("event_invalid: data: an object"));
}

}  // namespace
}  // namespace signalbox::workflow

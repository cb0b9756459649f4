#include "hub/inbox/field_kinds.h"

#include <boost/test/unit_test.hpp>

namespace signalbox {

BOOST_AUTO_TEST_CASE(what_the_field_reports_is_checked_and_a_fault_names_the_member) {
    const auto faultOf = [](const char* kind, const Json& content) {
        const auto checked = checkFieldContent(kind, content);
        return checked ? std::string() : checked.error().message.substr(0, checked.error().message.find(':'));
    };

    BOOST_TEST(faultOf("equipment_request", {{"items", {{{"name", "ladder"}, {"quantity", 2}}}}}) == "");
    BOOST_TEST(faultOf("equipment_request", {{"items", Json::array()}}) == "content.items");
    BOOST_TEST(faultOf("equipment_request", {{"items", {{{"quantity", 2}}}}}) == "content.items");
    BOOST_TEST(faultOf("incident_report", {{"severity", "high"}, {"is_anyone_hurt", false}}) == "");
    BOOST_TEST(faultOf("incident_report", {{"severity", "bad"}}) == "content.severity");
    BOOST_TEST(faultOf("incident_report", {{"severity", "low"}, {"happened_at", "noon"}}) ==
               "content.happened_at");
    BOOST_TEST(faultOf("time_log", {{"started_at", "2026-11-26T07:00:00Z"}, {"minutes", 90}}) == "");
    BOOST_TEST(faultOf("time_log", {{"started_at", "2026-11-26T07:00:00Z"},
                                    {"ended_at", "2026-11-26T06:00:00Z"}}) == "content.ended_at");
    BOOST_TEST(faultOf("time_log", {{"minutes", 90}}) == "content.started_at");
    BOOST_TEST(faultOf("location", {{"latitude", 52.5}, {"longitude", 13.4}}) == "");
    BOOST_TEST(faultOf("location", {{"latitude", 152.5}, {"longitude", 13.4}}) == "content.latitude");
    BOOST_TEST(faultOf("text", Json::object()) == "");
}

}  // namespace signalbox
